/** What a job's log says of the death of its worker. Pure. */
import type { WorkerExitError } from "@reapool/core";

const MAX_LINES = 50;

/** @param isLogged Whether what the task wrote to stderr is in the log already. */
export function deathLines(error: unknown, isLogged: boolean): string[] {
  const { message, pid, exitCode, signal, likelyCause, stderr } = error as Partial<WorkerExitError>;
  const how = signal ? `by ${signal}` : `with exit code ${exitCode}`;
  const cause = likelyCause ? `; ${likelyCause}` : "";
  const headline = exitCode === undefined ? String(message) : `The worker (pid ${pid}) ended ${how}${cause}`;
  const tail = (stderr ?? "").trimEnd();
  if (isLogged || tail === "") return [headline];
  return [headline, "the last of its stderr:", ...tail.split("\n").slice(-MAX_LINES)];
}
