/** The job in Node. The entries of the three runtimes differ by the first import. */
import { createPool } from "@reapool/node";
import { runJob } from "./job.ts";

await runJob(createPool);
