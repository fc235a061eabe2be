/** The program in Deno. The entries of the three runtimes differ by the first import. */
import { createPool } from "@reapool/deno";
import { runProgram } from "./program.ts";

await runProgram(createPool);
