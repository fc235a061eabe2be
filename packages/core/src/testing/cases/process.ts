/** The port itself: how a process starts, writes and ends. No pool takes part. */
import type { Command, Exit, ProcessEvents, Runtime, WorkerProcess } from "../../port/runtime.ts";
import { assert, assertEqual, type ContractCase, isAlive, pause, shell, within } from "../contract-case.ts";

function spawned(
  runtime: Runtime,
  command: Partial<Command>,
  events: Partial<ProcessEvents> = {},
): { process: WorkerProcess; exit: Promise<Exit>; exits: Exit[] } {
  const exits: Exit[] = [];
  let resolve: (exit: Exit) => void = () => {};
  const exit = new Promise<Exit>((settle) => {
    resolve = settle;
  });
  const process = runtime.spawn(
    { file: "/bin/sh", args: [], env: {}, stdout: "ignore", stderr: "ignore", ...command },
    {
      onOutput: () => {},
      onOutputEnd: () => {},
      ...events,
      onExit: (ended) => {
        exits.push(ended);
        resolve(ended);
      },
    },
  );
  return { process, exit: within(runtime, 30_000, exit, "the exit callback"), exits };
}

const script = (text: string): Partial<Command> => ({ args: ["-c", text] });

export const processCases: readonly ContractCase[] = [
  {
    name: "spawn: the exit callback brings the exit code, and no signal",
    async run({ runtime }) {
      for (const code of [0, 1, 77, 255]) {
        const { exit } = await shell(runtime, `exit ${code}`);
        assertEqual([exit.code, exit.signal, exit.error], [code, null, undefined], `exit ${code}`);
      }
    },
  },
  {
    name: "spawn: the exit callback brings the signal, and no code",
    async run({ runtime }) {
      for (const signal of ["SIGTERM", "SIGKILL", "SIGHUP"]) {
        const { exit } = await shell(runtime, `kill -${signal.slice(3)} $$`);
        assertEqual([exit.code, exit.signal], [null, signal], signal);
      }
    },
  },
  {
    name: "spawn: never throws; a missing program, folder or right arrives at the exit callback, once",
    async run({ runtime }) {
      const bad: Partial<Command>[] = [
        { file: "/nonexistent/program" },
        { file: "/" },
        { ...script("true"), cwd: "/nonexistent" },
      ];
      for (const command of bad) {
        const { process, exit, exits } = spawned(runtime, command);
        assert(exits.length === 0, "Expected the callback after spawn has returned");
        const ended = await exit;
        assert(ended.error !== undefined, `Expected an error, received ${JSON.stringify(ended)}`);
        assertEqual([process.pid, ended.code, ended.signal], [undefined, null, null], "a failed start");
        process.signal("SIGKILL");
        await pause(runtime, 50);
        assertEqual(exits.length, 1, "exit callbacks");
      }
    },
  },
  {
    name: "signal: after the exit it is no error, and the callback is not called again",
    async run({ runtime }) {
      const { process, exit, exits } = spawned(runtime, script("exit 3"));
      await exit;
      process.signal("SIGTERM");
      process.signal("SIGKILL");
      await pause(runtime, 50);
      assertEqual(exits.length, 1, "exit callbacks");
    },
  },
  {
    name: "signal: reaches the whole group, grandchildren too",
    needs: "processGroups",
    async run({ runtime }) {
      let text = "";
      const { process, exit } = spawned(
        runtime,
        { ...script("sleep 300 & echo $!; wait"), stdout: "pipe" },
        {
          onOutput: (_stream, bytes) => {
            text += new TextDecoder().decode(bytes);
          },
        },
      );
      while (!text.includes("\n")) await pause(runtime, 10);
      process.signal("SIGKILL");
      await exit;
      const grandchild = Number(text.trim());
      while (await isAlive(runtime, grandchild)) await pause(runtime, 10);
    },
  },
  {
    name: "exit: a grandchild that holds the pipes open does not delay the callback",
    async run({ runtime }) {
      let isEnded = false;
      const { process, exit } = spawned(
        runtime,
        { ...script("sleep 300 & exit 5"), stderr: "pipe" },
        {
          onOutputEnd: () => {
            isEnded = true;
          },
        },
      );
      assertEqual((await exit).code, 5, "exit code");
      assert(!isEnded, "Expected the grandchild to hold the pipe still: the case proves nothing without");
      process.signal("SIGKILL");
    },
  },
  {
    name: "output: arrives whole, up to the last byte before the exit",
    async run({ runtime }) {
      const { stdout, stderr } = await shell(
        runtime,
        "head -c 1000000 /dev/zero | tr '\\0' x; printf END; head -c 300000 /dev/zero | tr '\\0' y >&2; printf LAST >&2",
      );
      assertEqual([stdout.length, stdout.slice(-4)], [1_000_003, "xEND"], "stdout");
      assertEqual([stderr.length, stderr.slice(-5)], [300_004, "yLAST"], "stderr");
    },
  },
  {
    name: "environment: laid over the host's; undefined takes a variable away",
    async run({ runtime }) {
      const inherited = await shell(runtime, 'printf \'%s,%s\' "$PATH" "$CONTRACT"', {
        env: { CONTRACT: "x=y z" },
      });
      assert(inherited.stdout.endsWith(",x=y z"), `Expected the variable, received ${inherited.stdout}`);
      assert(inherited.stdout.length > ",x=y z".length, "Expected PATH to be inherited");
      const without = await shell(runtime, "printf %s $(printenv HOME || echo unset)", {
        env: { HOME: undefined },
      });
      assertEqual(without.stdout, "unset", "HOME");
    },
  },
  {
    name: "timers: fire in order of their time, and not when cancelled",
    async run({ runtime }) {
      const fired: string[] = [];
      runtime.startTimer(40, () => fired.push("late"));
      runtime.startTimer(1, () => fired.push("early"));
      const cancelled = runtime.startTimer(5, () => fired.push("cancelled"));
      cancelled.ref();
      cancelled.cancel();
      await pause(runtime, 120);
      assertEqual(fired, ["early", "late"], "fired");
    },
  },
  {
    name: "files: takeFile reads and removes, and knows a missing file",
    async run({ runtime }) {
      const { stdout } = await shell(runtime, "f=$(mktemp) && printf abc > $f && printf '%s' $f");
      const bytes = runtime.takeFile(stdout);
      assertEqual(new TextDecoder().decode(bytes), "abc", "content");
      assert(runtime.takeFile(stdout) === undefined, "Expected the file to be gone");
    },
  },
];
