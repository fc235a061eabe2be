/** The job in Bun. The entries of the three runtimes differ by the first import. */
import { createPool } from "@reapool/bun";
import { runJob } from "./job.ts";

await runJob(createPool);
