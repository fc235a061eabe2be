/** `REAPOOL_TRACE` on real processes: what a host then prints to stderr, and that it prints nothing otherwise. */
import { describe, expect, it } from "vitest";
import { name } from "./support/adapter.ts";
import { programArguments, startCommand, startProgram } from "./support/host.ts";

const SAID = "said sum 3\nsaid rejected\n";

async function outputOf(choice: string | undefined): Promise<string> {
  const host = startProgram(programArguments("traced-host.ts", "patient"), {
    ...process.env,
    REAPOOL_TRACE: choice,
  });
  const { code, output } = await host.ended;
  expect(code, output).toBe(0);
  return output;
}

/** The trace alone, each line from its area on. Its frame is the same in all lines. */
const tracedIn = (output: string) =>
  [...output.matchAll(/^reapool:[1-] +\d+\.\d{3} {2}(.*)$/gm)].map(([, line]) => line as string);

/** Their order, not their neighbours: when a pipe and a process end, each runtime tells in its own order. */
function expectInOrder(lines: readonly string[], ...expected: readonly RegExp[]): void {
  let from = 0;
  for (const pattern of expected) {
    const at = lines.findIndex((line, i) => i >= from && pattern.test(line));
    if (at < 0) expect.fail(`Expected ${pattern} after line ${from} of\n${lines.join("\n")}`);
    from = at + 1;
  }
}

describe("a host with REAPOOL_TRACE", () => {
  it("=1 prints a call's way, a worker's life, the guard's table and the frames", async () => {
    const lines = tracedIn(await outputOf("1"));
    expectInOrder(
      lines,
      /^pool +file:.*\/work\.ts$/,
      /^task +t1 +queued add$/,
      /^guard +line 0: \d+ tree \d+$/,
      /^worker +w1 +runs as pid \d+$/,
      /^wire +w1 +< Hello of /,
      /^worker +w1 +starting +-connected-> starting$/,
      /^wire +w1 +> Init +\d+ B$/,
      /^wire +w1 +< Ready +\d+ B$/,
      /^worker +w1 +warming +-warmed-> ready: announceReady$/,
      /^task +t1 +sent to w1 as #1$/,
      /^wire +w1 +> Call +#1 +\d+ B$/,
      /^task +t1 +runs in w1, attempt 1$/,
      /^wire +w1 +< Result +#1 +\d+ B$/,
      /^task +t1 +fulfilled add after \d+\.\d ms$/,
      /^task +t2 +runs in w1, attempt 1$/,
      /^worker +w1 +ready +-exited\(SIGKILL\)-> draining/,
      /^worker +w1 +died: crash, SIGKILL$/,
      /^task +t2 +rejected die after .* was killed by SIGKILL/,
    );
    expectInOrder(lines, /^guard +line 0: \d+/, /^worker .*-exited/, /^guard +line 0: blank, was \d+$/);
    expect(lines.at(-1)).toMatch(/^guard +pid \d+ is gone$/);
  });

  it("=task prints that alone", async () => {
    const areas = tracedIn(await outputOf("task")).map((line) => line.split(" ")[0]);
    expect(new Set(areas)).toEqual(new Set(["pool", "task"]));
  });

  it("=taks warns, with the names there are", async () => {
    const output = await outputOf("taks");
    expect(output).toContain("worker, task, guard, wire");
    expect(tracedIn(output)).toEqual([]);
  });

  it("not set prints nothing", async () => {
    expect(await outputOf(undefined)).toBe(SAID);
  });

  it.runIf(name === "deno")("that may not read its environment works, and prints nothing", async () => {
    const [, , ...program] = programArguments("traced-host.ts");
    const host = startCommand(process.execPath, ["run", "-A", "--deny-env=REAPOOL_TRACE", ...program], {
      ...process.env,
      REAPOOL_TRACE: "1",
    });
    expect(await host.ended).toEqual({ code: 0, signal: null, output: SAID });
  });
});
