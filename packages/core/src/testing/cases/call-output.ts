/** What a call hears of its worker's output: all that its task wrote, before it settles, and nothing that was written before it. */
import type { RunOptions } from "../../options/call-options.ts";
import { assert, assertEqual, type ContractCase, rejection, type Subject, within } from "../contract-case.ts";
import { withModule } from "../written-module.ts";
import { busyLoop } from "./output.ts";

const MODULE = `
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeSync } from "node:fs";

console.log("loading");
console.error("loading");
export function setup() {
  console.log("setup ".repeat(5_000));
}
const fully = (fd, text) => {
  for (let rest = Buffer.from(text); rest.length > 0; ) rest = rest.subarray(writeSync(fd, rest));
};
const WAYS = {
  log: (text) => console.log(text),
  error: (text) => console.error(text),
  stdout: (text) => process.stdout.write(text + "\\n"),
  stderr: (text) => process.stderr.write(text + "\\n"),
  descriptor: (text) => fully(1, text + "\\n"),
};
export const pid = () => process.pid;
export function say(way, text, end) {
  WAYS[way](text);
  if (end === "throw") throw new RangeError("after it has written");
  if (end === "die") process.kill(process.pid, "SIGKILL");
  if (end === "exit") process.exit(3);
  if (end === "spin") for (;;);
  return text.length;
}
export async function child(text) {
  await once(spawn("/bin/sh", ["-c", 'printf %s "$0"; printf %s "$0" >&2', text], { stdio: "inherit" }), "exit");
}
export function* steps(count) {
  for (let i = 0; i < count; i++) {
    console.log("step " + i);
    yield i;
  }
}
export async function untilAborted() {
  console.log("first");
  await new Promise((resolve) => setTimeout(resolve, 3_000)); // so that they are two chunks
  console.log("second");
}
`;

const WAYS = ["log", "error", "stdout", "stderr", "descriptor"] as const;

type Speaker = {
  run(name: string, args?: readonly unknown[], options?: RunOptions): Promise<unknown>;
  stream(name: string, args: readonly unknown[], options?: object): AsyncIterable<unknown>;
  map(name: string, source: unknown, options?: object): AsyncIterable<unknown>;
  on(event: string, listener: (event: never) => void): () => void;
};

/** What one call has heard so far, by stream. */
class Ear {
  stdout = "";
  stderr = "";
  readonly #decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() };

  readonly onOutput = (stream: "stdout" | "stderr", bytes: Uint8Array): void => {
    this[stream] += this.#decoders[stream].decode(bytes, { stream: true });
  };

  get all(): readonly string[] {
    return [this.stdout, this.stderr];
  }

  /** By its length and its end, where it is long. */
  check(stdout: string, stderr: string, what: string): void {
    const brief = (text: string) => [text.length, text.slice(-60)];
    assertEqual([brief(this.stdout), brief(this.stderr)], [brief(stdout), brief(stderr)], what);
  }
}

const withSpeaker = (
  subject: Subject,
  options: Parameters<typeof withModule>[3],
  body: (pool: Speaker) => Promise<void>,
) =>
  withModule(subject, MODULE, (pool) => body(pool as unknown as Speaker), {
    worker: { stdout: "ignore", stderr: "ignore" },
    ...options,
  });

const streamOf = (way: (typeof WAYS)[number]) => (way === "error" || way === "stderr" ? "stderr" : "stdout");

export const callOutputCases: readonly ContractCase[] = [
  ...(["ignore", "capture", "chunks"] as const).map(
    (mode): ContractCase => ({
      name: `call output: is what the task wrote, all of it before the call settles, also with ${mode}`,
      run: (subject) =>
        withSpeaker(subject, { worker: { stdout: mode, stderr: mode } }, async (pool) => {
          const lines: string[] = [];
          if (mode === "capture") pool.on("stdout", ({ line }: { line: string }) => lines.push(line));
          for (const way of WAYS) {
            for (const text of [`${way} é`, `${way} ${"x".repeat(999)}`.repeat(1_000)]) {
              const ear = new Ear();
              const length = await pool.run("say", [way, text], { onOutput: ear.onOutput });
              const heard = { stdout: "", stderr: "", [streamOf(way)]: `${text}\n` };
              ear.check(heard.stdout, heard.stderr, `${text.length} characters of ${way}`);
              assertEqual(length, text.length, "result");
            }
          }
          const thrown = new Ear();
          await pool.run("say", ["log", "a", "throw"], { onOutput: thrown.onOutput }).catch(() => {});
          thrown.check("a\n", "", "of one that threw");
          if (mode === "capture") assert(lines.includes("log é"), "Expected its lines to be events as well");
        }),
    }),
  ),
  {
    name: "call output: of calls one after another is never mixed",
    run: (subject) =>
      withSpeaker(subject, { prefetch: 8 }, async (pool) => {
        for (let i = 0; i < 50; i++) {
          const ear = new Ear();
          const way = WAYS[i % WAYS.length] as (typeof WAYS)[number];
          await pool.run("say", [way, `line ${i}`], { onOutput: ear.onOutput });
          const heard = { stdout: "", stderr: "", [streamOf(way)]: `line ${i}\n` };
          ear.check(heard.stdout, heard.stderr, `of call ${i}`);
        }
      }),
  },
  {
    name: "call output: is whole and nobody else's also where the host's loop never rests",
    run: (subject) =>
      withSpeaker(subject, {}, async (pool) => {
        await pool.run("pid", [], { onOutput: () => {} });
        const stop = busyLoop(subject.runtime.now);
        try {
          for (let i = 0; i < 30; i++) {
            const ear = new Ear();
            const way = WAYS[i % WAYS.length] as (typeof WAYS)[number];
            void pool.run("say", [way, `unheard ${i}`]);
            await pool.run("say", [way, `line ${i}`], { onOutput: ear.onOutput });
            const heard = { stdout: "", stderr: "", [streamOf(way)]: `line ${i}\n` };
            ear.check(heard.stdout, heard.stderr, `of call ${i}`);
          }
          const dead = new Ear();
          await rejection(
            pool.run("say", ["log", "last", "die"], { onOutput: dead.onOutput }),
            "ERR_WORKER_EXIT",
          );
          dead.check("last\n", "", "of a call whose worker died");
        } finally {
          stop();
        }
      }),
  },
  {
    name: "call output: is heard of a pool whose first workers are still starting",
    run: (subject) =>
      withSpeaker(subject, { minWorkers: 2, maxWorkers: 2 }, async (pool) => {
        const unheard = pool.run("pid");
        const started = new Promise((resolve) => pool.on("start", resolve));
        await within(subject.runtime, 60_000, started, "a start");
        const calls = ["a", "b", "c"].map(async (text) => {
          const ear = new Ear();
          await pool.run("say", ["log", text], { onOutput: ear.onOutput });
          ear.check(`${text}\n`, "", `of ${text}`);
        });
        await within(subject.runtime, 60_000, Promise.all([unheard, ...calls]), "the calls to settle");
      }),
  },
  {
    name: "call output: of calls made at once, among others that nobody hears, is never mixed",
    run: (subject) =>
      withSpeaker(subject, { prefetch: 8, maxWorkers: 2 }, async (pool) => {
        for (let i = 0; i < 20; i++) await pool.run("pid"); // known to be short: sent ahead
        const late: number[] = [];
        const wrong: string[] = [];
        const calls = Array.from({ length: 150 }, async (_, i) => {
          const text = `${i % 3 === 0 ? "unheard" : "heard"} ${i}`;
          const ear = new Ear();
          await pool.run("say", ["log", text], i % 3 === 0 ? {} : { onOutput: ear.onOutput });
          if (i % 3 === 0) return;
          if (ear.stdout === "") late.push(i);
          else if (ear.stdout !== `${text}\n` || ear.stderr !== "") wrong.push(`${i}: ${ear.all.join()}`);
        });
        await Promise.all(calls);
        assertEqual({ late, wrong }, { late: [], wrong: [] }, "calls");
      }),
  },
  {
    name: "call output: what was written before is nobody's, neither by the module nor by a call that did not listen",
    run: (subject) =>
      withSpeaker(subject, {}, async (pool) => {
        for (let round = 0; round < 20; round++) {
          const quiet = new Ear();
          await pool.run("pid", [], { onOutput: quiet.onOutput });
          quiet.check("", "", `of a silent call, round ${round}`);
          const before = [
            pool.run("say", ["log", "unheard ".repeat(2_000)]),
            pool.run("say", ["error", "unheard"]),
          ];
          const ear = new Ear();
          await pool.run("say", ["log", "mine"], { onOutput: ear.onOutput });
          ear.check("mine\n", "", `behind others, round ${round}`);
          await Promise.all(before);
        }
      }),
  },
  {
    name: "call output: of a worker that dies in the middle comes before the call rejects; of each attempt",
    run: (subject) =>
      withSpeaker(subject, {}, async (pool) => {
        for (const end of ["die", "exit"]) {
          for (const way of WAYS) {
            const text = `${way} ${"x".repeat(999)}`.repeat(100);
            const ear = new Ear();
            const call = pool.run("say", [way, text, end], { onOutput: ear.onOutput });
            await rejection(call, "ERR_WORKER_EXIT");
            const heard = { stdout: "", stderr: "", [streamOf(way)]: `${text}\n` };
            ear.check(heard.stdout, heard.stderr, `${end} after ${way}`);
          }
        }
        const again = new Ear();
        const retries = { limit: 2, backoff: { initial: 0 } };
        const dying = pool.run("say", ["log", "try", "die"], { onOutput: again.onOutput, retries });
        await rejection(dying, "ERR_WORKER_EXIT");
        again.check("try\n".repeat(3), "", "of three attempts that died");
        const thrown = new Ear();
        const more = { ...retries, when: () => true };
        const throwing = pool.run("say", ["log", "try", "throw"], {
          onOutput: thrown.onOutput,
          retries: more,
        });
        await rejection(throwing, "RangeError");
        thrown.check("try\n".repeat(3), "", "of three attempts that threw");
        const late = new Ear();
        const slow = {
          onOutput: late.onOutput,
          retries: { limit: 1, backoff: { initial: 0 } },
          timeout: 1_500,
        };
        await rejection(pool.run("say", ["log", "spinning", "spin"], slow), "ERR_TASK_TIMEOUT");
        late.check("spinning\n".repeat(2), "", "of two attempts over their time");
        const next = new Ear();
        await pool.run("say", ["log", "next"], { onOutput: next.onOutput });
        next.check("next\n", "", "of the call behind them");
      }),
  },
  {
    name: "call output: of processes that the task has started is the call's",
    run: (subject) =>
      withSpeaker(subject, {}, async (pool) => {
        const text = "from a child ".repeat(1_000);
        for (let i = 0; i < 5; i++) {
          const ear = new Ear();
          await pool.run("child", [text], { onOutput: ear.onOutput });
          ear.check(text, text, `of child ${i}`);
        }
      }),
  },
  {
    name: "call output: comes before the item that follows it, and for each item of a map",
    run: (subject) =>
      withSpeaker(subject, {}, async (pool) => {
        const ear = new Ear();
        const items: unknown[] = [];
        for await (const item of pool.stream("steps", [40], { onOutput: ear.onOutput })) {
          items.push(item);
          assert(
            ear.stdout.includes(`step ${item}\n`),
            `Expected the line of item ${item} to come before it`,
          );
        }
        assertEqual(items.length, 40, "items");
        const mapped = new Ear();
        const source = ["a", "b", "c"].map((text) => ["log", text]);
        for await (const _ of pool.map("say", source, { onOutput: mapped.onOutput }));
        mapped.check("a\nb\nc\n", "", "of a map");
      }),
  },
  {
    name: "call output: a callback that throws, or aborts its own call, ends nothing else",
    run: (subject) =>
      withSpeaker(subject, {}, async (pool) => {
        const reported: string[] = [];
        pool.on("error", ({ error, where }: { error: Error; where: string }) =>
          reported.push(`${where}: ${error.message}`),
        );
        const onOutput = (): never => {
          throw new Error("not today");
        };
        assertEqual(await pool.run("say", ["log", "abc"], { onOutput }), 3, "result");
        assertEqual(reported, ["onOutput: not today"], "reported");
        const giveUp = new AbortController();
        const heard: string[] = [];
        const aborting = pool.run("untilAborted", [], {
          signal: giveUp.signal,
          onOutput: (_stream, bytes) => {
            heard.push(new TextDecoder().decode(bytes));
            giveUp.abort(new Error("heard enough"));
          },
        });
        const error = await rejection(aborting, "Error");
        assertEqual(error.message, "heard enough", "reason");
        const next = new Ear();
        await pool.run("say", ["log", "next"], { onOutput: next.onOutput });
        assertEqual(heard, ["first\n"], "heard of a call that had settled");
        next.check(next.stdout.startsWith("second") ? "second\nnext\n" : "next\n", "", "of the next call");
      }),
  },
  {
    name: "call output: is heard from the first call on that asks for it, in a pool whose workers the host did not read",
    run: (subject) =>
      withSpeaker(subject, { minWorkers: 2, maxWorkers: 2 }, async (pool) => {
        const before = await Promise.all([pool.run("pid"), pool.run("pid")]);
        const calls = Array.from({ length: 6 }, async (_, i) => {
          const ear = new Ear();
          await pool.run("say", ["log", `line ${i}`], { onOutput: ear.onOutput });
          ear.check(`line ${i}\n`, "", `of call ${i}`);
        });
        await within(subject.runtime, 60_000, Promise.all(calls), "the calls to settle");
        const after = await pool.run("pid");
        assert(!before.includes(after), "Expected the workers to be replaced");
        for (let i = 0; i < 3; i++) {
          const ear = new Ear();
          await pool.run("say", ["error", `${i}`], { onOutput: ear.onOutput });
          ear.check("", `${i}\n`, "of a call in the new ones");
        }
        assertEqual(await pool.run("pid", [], { onOutput: () => {} }), after, "the worker: it is kept");
      }),
  },
  {
    name: "call output: is refused where a worker runs several tasks at once, with both options named",
    run: (subject) =>
      withSpeaker(subject, { concurrentTasksPerWorker: 2 }, async (pool) => {
        const refused = await rejection(pool.run("pid", [], { onOutput: () => {} }), "TypeError");
        for (const part of ["onOutput", "concurrentTasksPerWorker", "to be 1", "received 2"])
          assert(refused.message.includes(part), `Expected ${part} in: ${refused.message}`);
        const wrong = await rejection(pool.run("pid", [], { onOutput: "log" as never }), "TypeError");
        assert(wrong.message.includes("`onOutput` to be a function"), wrong.message);
        await pool.run("pid", [], { onOutput: undefined });
        const inherited = Object.create({ onOutput: () => {} }) as object;
        await pool.run("pid", [], inherited);
      }),
  },
];
