/** The job in Deno. The entries of the three runtimes differ by the first import. */
import { createPool } from "@reapool/deno";
import { runJob } from "./job.ts";

await runJob(createPool);
