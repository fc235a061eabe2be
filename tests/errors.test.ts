/** What people and loggers see of an error, in each runtime's own console. */
import { spawnSync } from "node:child_process";
import process from "node:process";
import { err } from "pino-std-serializers";
import { expect, test } from "vitest";
import { adapter } from "./support/adapter.ts";
import { programArguments } from "./support/host.ts";

async function death(): Promise<{ pid: number; error: Error }> {
  const pool = adapter.createPool(new URL("./fixtures/work.ts", import.meta.url), {
    maxWorkers: 1,
    worker: { stderr: "ignore" },
  });
  let seen = 0;
  try {
    seen = await pool.run("pid");
    await pool.run("die");
    throw new Error(`Expected ${seen} to die`);
  } catch (error) {
    return { pid: seen, error: error as Error };
  } finally {
    await pool.close();
  }
}

test("a JSON logger shows code, class, task and pid", async () => {
  const { pid, error } = await death();
  const logged = JSON.parse(JSON.stringify(err(error)));
  expect(logged).toMatchObject({
    type: "WorkerExitError",
    code: "ERR_WORKER_EXIT",
    task: "die",
    pid,
    signal: "SIGKILL",
  });
  expect(logged.stack).toContain("errors.test.ts");
});

test("a copy of its properties does too", async () => {
  const { pid, error } = await death();
  expect({ ...error }).toMatchObject({ code: "ERR_WORKER_EXIT", task: "die", pid });
});

test("console.error does too", () => {
  const { stderr } = spawnSync(process.execPath, programArguments("printed-error.ts"), {
    encoding: "utf8",
    env: { ...process.env, NO_COLOR: "1" },
  });
  expect(stderr).toContain("WorkerExitError: Worker 1");
  expect(stderr).toMatch(/code: ["']ERR_WORKER_EXIT["']/);
  expect(stderr).toMatch(/task: ["']die["']/);
  expect(stderr).toMatch(/pid: \d+/);
  expect(stderr).toMatch(/theCaller/);
});

test("an application's own formatter of stacks changes no outcome", async () => {
  const stacks = Error as unknown as { prepareStackTrace?: unknown };
  const before = stacks.prepareStackTrace;
  try {
    for (const format of [() => ({}), () => 5]) {
      stacks.prepareStackTrace = format;
      expect((await death()).error).toMatchObject({ code: "ERR_WORKER_EXIT", task: "die" });
    }
  } finally {
    stacks.prepareStackTrace = before;
  }
});
