/** The program in Bun. The entries of the three runtimes differ by the first import. */
import { createPool } from "@reapool/bun";
import { runProgram } from "./program.ts";

await runProgram(createPool);
