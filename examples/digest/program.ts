/**
 * The program in each runtime: the job, or the doomed host of the second act, as main.ts asks. Owns the beginning and
 * the end of both.
 */
import process from "node:process";
import { closeConversation, openConversation, send } from "./conversation.ts";
import { awaitDoom } from "./doomed-host.ts";
import { doJob } from "./job.ts";

await runProgram();

async function runProgram(): Promise<void> {
  const { request, stop } = await openConversation();
  send({ type: "started", version: runtimeVersion() });
  try {
    if (request.type === "job") {
      const outcome = await doJob(request, stop);
      stop.throwIfAborted();
      send({ type: "finished", outcome });
    } else await awaitDoom(stop);
  } catch (error) {
    if (!stop.aborted) throw error;
    process.exitCode = 1; // the result is no longer wanted
  } finally {
    closeConversation();
  }
}

function runtimeVersion(): string {
  const { bun, deno, node } = process.versions;
  return bun ?? deno ?? node;
}
