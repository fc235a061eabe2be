/** The port itself: how a process starts, writes and ends. No pool takes part. */
import { AsyncLocalStorage } from "node:async_hooks";
import type { Command, Exit, ProcessEvents, Runtime, StopSignal, WorkerProcess } from "../../port/runtime.ts";
import {
  assert,
  assertEqual,
  type ContractCase,
  isAlive,
  kill,
  pause,
  shell,
  until,
  within,
} from "../contract-case.ts";

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

/** A user and a group that do not exist here; two different numbers, so that they can't be confused. */
const OTHER = { uid: 54_321, gid: 54_322 };

function assertThrows(body: () => void, code: string): void {
  let thrown: unknown;
  try {
    body();
  } catch (error) {
    thrown = error;
  }
  assertEqual((thrown as { code?: unknown } | undefined)?.code, code, "code of the error");
}

async function isRoot(runtime: Runtime): Promise<boolean> {
  return (await shell(runtime, "id -u")).stdout.trim() === "0";
}

/** Permissions, owner and group. */
async function accessOf(runtime: Runtime, path: string): Promise<string[]> {
  const [mode, , uid, gid] = (await shell(runtime, `ls -ldn '${path}'`)).stdout.split(/ +/) as string[];
  return [mode?.slice(0, 10) ?? "", uid ?? "", gid ?? ""];
}

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
    name: "write: what nobody reads any more throws nothing, before the exit is told and after it",
    async run({ runtime }) {
      const { process, exit, exits } = spawned(runtime, { ...script("exec sleep 300"), stdin: "open" });
      const line = new TextEncoder().encode("a line\n");
      process.write?.(line);
      process.signal("SIGKILL");
      for (let i = 0; i < 20; i++) {
        process.write?.(line);
        await pause(runtime, 5);
      }
      await exit;
      process.write?.(line);
      await pause(runtime, 50);
      assertEqual(exits.length, 1, "exit callbacks");
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
    name: "spawn: a process has the uid and gid, and no further group, where the host is root; else it is a failed start",
    async run({ runtime }) {
      if (await isRoot(runtime)) {
        const ids = async (more: Partial<Command>) =>
          (await shell(runtime, "id -u; id -g; id -G", { cwd: "/", ...more })).stdout.trim().split("\n");
        assertEqual(await ids(OTHER), ["54321", "54322", "54322"], "both");
        assertEqual(await ids({ uid: OTHER.uid }), ["54321", "0", "0"], "the uid alone");
        assertEqual(await ids({ gid: OTHER.gid }), ["0", "54322", "54322"], "the gid alone");
        return;
      }
      for (const command of [OTHER, { uid: OTHER.uid }, { gid: OTHER.gid }, { uid: 0 }]) {
        const { process, exit, exits } = spawned(runtime, { ...script("true"), ...command });
        assert(exits.length === 0, "Expected the callback after spawn has returned");
        const { error, code, signal } = await exit;
        assertEqual([process.pid, code, signal], [undefined, null, null], "a failed start");
        assertEqual((error as { code?: unknown } | undefined)?.code, "EPERM", "code of the error");
        assertEqual(exits.length, 1, "exit callbacks");
      }
    },
  },
  {
    name: "share: changes mode, owner and group, each alone too; throws what can't be done",
    async run({ runtime }) {
      const folder = (await shell(runtime, 'd=$(mktemp -d) && printf x > $d/file && printf %s "$d"')).stdout;
      const file = `${folder}/file`;
      try {
        runtime.share(file, { mode: 0o640 });
        const [mode, uid, gid] = await accessOf(runtime, file);
        assertEqual(mode, "-rw-r-----", "mode of a file");
        runtime.share(folder, { mode: 0o710 });
        assertEqual((await accessOf(runtime, folder))[0], "drwx--x---", "mode of a folder");
        runtime.share(file, { gid: Number(gid) });
        assertEqual(await accessOf(runtime, file), ["-rw-r-----", uid, gid], "what it was before");
        if (await isRoot(runtime)) {
          runtime.share(file, { uid: OTHER.uid });
          assertEqual(await accessOf(runtime, file), ["-rw-r-----", "54321", gid], "the owner alone");
          runtime.share(file, { gid: OTHER.gid });
          assertEqual(await accessOf(runtime, file), ["-rw-r-----", "54321", "54322"], "the group alone");
          runtime.share(file, { uid: 0, gid: 0, mode: 0o4711 });
          assertEqual(await accessOf(runtime, file), ["-rws--x--x", "0", "0"], "all at once");
        } else assertThrows(() => runtime.share(file, { uid: OTHER.uid }), "EPERM");
        for (const access of [{ mode: 0o600 }, { uid: OTHER.uid }, { gid: OTHER.gid }]) {
          assertThrows(() => runtime.share(`${folder}/missing`, access), "ENOENT");
        }
      } finally {
        await shell(runtime, `rm -r '${folder}'`);
      }
    },
  },
  {
    name: "stop signals: a listener gets each, in place of its default effect, and none after it has unsubscribed",
    async run({ runtime }) {
      const names: readonly StopSignal[] = ["SIGTERM", "SIGINT", "SIGHUP"];
      const first: StopSignal[] = [];
      const second: StopSignal[] = [];
      const stopFirst = runtime.onStopSignal((name) => first.push(name));
      const stopSecond = runtime.onStopSignal((name) => second.push(name));
      try {
        for (const name of names) {
          runtime.raise(name);
          assertEqual(first.includes(name), false, `${name} heard before raise has returned`);
          await until(runtime, () => first.includes(name) && second.includes(name), `${name} to be heard`);
        }
        stopFirst();
        stopFirst();
        for (const name of names) {
          await kill(runtime, runtime.pid, name.slice(3));
          await until(
            runtime,
            () => second.lastIndexOf(name) > 2,
            `${name} from another process to be heard`,
          );
        }
        assertEqual([first, second], [names, [...names, ...names]], "heard");
      } finally {
        stopFirst();
        stopSecond();
      }
    },
  },
  {
    name: "environment: a variable of the host's own, and undefined where there is none",
    async run({ runtime }) {
      const { stdout } = await shell(runtime, 'printf %s "$PATH"');
      assertEqual(runtime.environment("PATH"), stdout, "PATH");
      assertEqual(runtime.environment("REAPOOL_NO_SUCH_VARIABLE"), undefined, "one that is not set");
    },
  },
  {
    name: "context: a bound callback runs in the context of its binding, and gives back what it returns",
    async run({ runtime }) {
      const storage = new AsyncLocalStorage<string>();
      const read = (prefix: string) => `${prefix} ${storage.getStore()}`;
      const bound = storage.run("bound", () => runtime.bindContext(read));
      const unbound = runtime.bindContext(read);
      const later = storage.run("bound", () =>
        runtime.bindContext(async () => {
          await pause(runtime, 1);
          return read("later");
        }),
      );
      assertEqual([bound("outside"), read("outside")], ["outside bound", "outside undefined"], "outside");
      const inside = storage.run("another", () => [bound("a"), unbound("b"), read("c")]);
      assertEqual(inside, ["a bound", "b undefined", "c another"], "inside of another");
      assertEqual(await storage.run("another", later), "later bound", "after a wait");
      const fired = new Promise<string>((resolve) => {
        storage.run("timer", () =>
          runtime
            .startTimer(
              1,
              runtime.bindContext(() => resolve(read("in a"))),
            )
            .ref(),
        );
      });
      assertEqual(await fired, "in a timer", "in a callback of the port");
      const failing = runtime.bindContext(() => {
        throw Object.assign(new Error("as it is"), { code: "EXPECTED" });
      });
      assertThrows(failing, "EXPECTED");
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
    name: "random bytes: all of an array is filled, each time with others",
    async run({ runtime }) {
      const arrays = Array.from({ length: 50 }, () => new Uint8Array(64));
      for (const array of arrays) runtime.fillRandom(array);
      // 3,200 bytes: that a value is missing among them happens once in a thousand runs, that 20 are never.
      assert(new Set(arrays.flatMap((array) => [...array])).size > 236, "Expected bytes of every value");
      for (const at of [0, 63]) assert(new Set(arrays.map((array) => array[at])).size > 20, "Expected each place to change"); // biome-ignore format: one
    },
  },
];
