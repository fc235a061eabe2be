/** What every shape must be able to do: three calls, of which one follows a crash, and a close. */
import { type Pool, WorkerExitError } from "reapool";
import type * as Work from "./work.ts";

export async function check(pool: Pool<typeof Work>): Promise<void> {
  expect((await pool.run("add", [1, 2])) === 3, "add");
  const sizes = await pool.run("sizes", [new Map([["epoch", new Date(7)]])]);
  expect(sizes instanceof Map && sizes.get("epoch") === 7, "a Map");

  const error: unknown = await pool.run("die").then(
    () => undefined,
    (error) => error,
  );
  expect(error instanceof WorkerExitError, `a WorkerExitError, not ${error}`);
  const { name, code, constructor: made } = error as WorkerExitError;
  expect(name === "WorkerExitError" && code === "ERR_WORKER_EXIT", `its name, not ${name}`);
  expect(made === WorkerExitError && made.name === name, `its class, not ${made.name}`);

  const { pid, worker } = await pool.run("whoAmI");
  expect(pid !== process.pid && (worker === 1 || worker === 2), "another process");
  await pool.close();
  console.log("3 calls, 1 crash, closed");
}

function expect(isMet: boolean, what: string): void {
  if (!isMet) throw new Error(`Expected ${what}`);
}
