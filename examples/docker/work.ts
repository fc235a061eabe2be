/** The worker module: one useful task, and one that leaves an orphan. */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";

export const digest = (text: string): string => createHash("sha256").update(text).digest("hex");

/** A shell starts a process and exits before it, so PID 1 adopts the process. Resolves to its pid. */
export const leaveOrphan = (): Promise<number> =>
  new Promise((resolve, reject) => {
    execFile("/bin/sh", ["-c", "sleep 0.2 >/dev/null 2>&1 & echo $!"], (error, stdout) => {
      if (error === null) resolve(Number(stdout));
      else reject(error);
    });
  });
