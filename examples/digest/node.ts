/** The program in Node. The entries of the three runtimes differ by the first import. */
import { createPool } from "@reapool/node";
import { runProgram } from "./program.ts";

await runProgram(createPool);
