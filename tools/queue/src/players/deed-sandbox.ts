/** The jobs of the comparison as a sandboxed processor of BullMQ, which calls the default export in a process of its own. */
import type { SandboxedJob } from "bullmq";
import { brief, compute, grow, listen, nothing, type Order, start } from "./deeds.ts";

const deeds = { brief, compute, grow, listen, nothing, start };

export default function run(job: SandboxedJob, _token?: string, signal?: AbortSignal): unknown {
  return deeds[job.name as keyof typeof deeds](job.data as Order, signal);
}
