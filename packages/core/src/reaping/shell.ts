/**
 * Runs a shell script through the port, from its start to its end. The callers own what it does, and what its end
 * means.
 */
import { bare } from "../bare.ts";
import type { Command, Exit, Runtime } from "../port/runtime.ts";

export interface ShellEnd {
  readonly exit: Exit;
  /** All its output, including that of processes it started. */
  readonly stdout: string;
  readonly stderr: string;
}

export interface ShellOptions extends Partial<Pick<Command, "env" | "cwd" | "uid" | "gid">> {
  /** What the script sees as `$0`, `$1` and so on. */
  readonly parameters?: readonly string[];
}

/** Longer than any script takes, in ms. */
const LONGEST_MS = 60_000;

/**
 * Runs the script in `/bin/sh`. Resolves with its exit once its output has ended too, or with the error of a shell
 * that could not be started. Keeps the host alive until then.
 */
export function shell(
  runtime: Pick<Runtime, "spawn" | "startTimer">,
  script: string,
  options: ShellOptions = {},
): Promise<ShellEnd> {
  const { parameters = [], ...more } = bare(options);
  const said = { stdout: "", stderr: "" };
  // One per stream: a character may arrive in two pieces.
  const decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() };
  const alive = runtime.startTimer(LONGEST_MS, () => {});
  alive.ref();
  return new Promise((resolve) => {
    let exit: Exit | undefined;
    let open = 2;
    const settle = () => {
      if (exit === undefined || (open > 0 && exit.error === undefined)) return;
      alive.cancel();
      resolve(bare({ exit, ...said }));
    };
    runtime.spawn(
      {
        file: "/bin/sh",
        args: ["-c", script, ...parameters],
        env: {},
        ...more,
        stdout: "pipe",
        stderr: "pipe",
      },
      {
        onOutput: (stream, bytes) => {
          said[stream] += decoders[stream].decode(bytes, { stream: true });
        },
        onOutputEnd: (stream) => {
          said[stream] += decoders[stream].decode();
          open--;
          settle();
        },
        onExit: (ended) => {
          exit = ended;
          settle();
        },
      },
    );
  });
}
