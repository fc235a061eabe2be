/** Queues of tests: on an engine of their file, with names of their own. What runs the jobs is up to the test. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Engine, type EngineKind, startEngine, whyNo } from "@reapool/engines";
import { type Job, Queue, type QueueOptions } from "bullmq";
import { afterAll, afterEach, beforeAll, vi } from "vitest";
import { connectionOf } from "./queue-connection.ts";

export const KINDS: readonly EngineKind[] = ["redis", "postgres"];

/** With the reason in the name of the tests that are skipped. */
export const reasonOf = (kind: EngineKind): string =>
  whyNo(kind) === undefined ? "" : ` (skipped: ${whyNo(kind)})`;

export interface Scene {
  readonly engine: Engine;
  readonly queue: Queue;
  /** The lines that tasks note. */
  readonly file: string;
  notes(): Note[];
  connection(): ReturnType<typeof connectionOf>;
  /** Resolves when the job is in this state. */
  inState(job: Job, state: string): Promise<Job>;
}

export interface Note {
  readonly what: string;
  readonly id: number;
  readonly pid: number;
  readonly at: number;
}

/** Call it in a `describe`: an engine for its tests, and a queue for each of them. */
export function queueScene(kind: EngineKind): Scene {
  let engine: Engine | undefined;
  let queue: Queue | undefined;
  let folder = "";
  let count = 0;
  const reason = whyNo(kind);
  beforeAll(async () => {
    if (reason !== undefined) return;
    folder = mkdtempSync(join(tmpdir(), "queue-"));
    engine = await startEngine(kind, { isDurable: true });
  });
  afterAll(async () => {
    await engine?.stop();
    if (folder !== "") rmSync(folder, { recursive: true });
  });
  afterEach(async () => {
    await queue?.close();
    queue = undefined;
  });
  const there = <T>(value: T | undefined): T => {
    if (value === undefined) throw new Error("Expected an engine");
    return value;
  };
  const open = (): Queue => {
    if (queue !== undefined) return queue;
    const { connection: of, backend } = connection();
    const options: QueueOptions = { connection: of as never };
    queue = new Queue(`test-${++count}`, options, backend as never) as unknown as Queue;
    queue.on("error", () => {}); // some tests take its engine away
    return queue;
  };
  const connection = () => connectionOf(kind, there(engine).url);
  return {
    get engine() {
      return there(engine);
    },
    get queue() {
      return open();
    },
    get file() {
      open(); // each has its own
      return join(folder, `notes-${count}`);
    },
    notes() {
      const file = join(folder, `notes-${count}`);
      if (!existsSync(file)) return [];
      return readFileSync(file, "utf8")
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => {
          const [what = "", id, pid, at] = line.split(" ");
          return { what, id: Number(id), pid: Number(pid), at: Number(at) };
        });
    },
    connection,
    async inState(job, state) {
      await vi.waitUntil(async () => (await job.getState()) === state, { timeout: 40_000, interval: 50 });
      return (await there(queue).getJob(job.id as string)) as Job;
    },
  };
}
