/** Where something is missing or short: a working fall-back or an error that says what to do, never a hang. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, type TestContext } from "vitest";
import { name } from "./support/adapter.ts";
import { type Host, programArguments, startCommand } from "./support/host.ts";
import { canSeeProcesses } from "./support/leftovers.ts";
import { limited, mountNamespace, otherUser, type Wrapper } from "./support/sandbox.ts";

let temporary: string;
beforeEach(() => {
  temporary = mkdtempSync(join(tmpdir(), "host-"));
});
afterEach(() => rmSync(temporary, { recursive: true }));

/** Starts the program behind the wrapper, or skips the test with the reason. */
function start(
  context: TestContext,
  wrapper: Wrapper,
  args: readonly string[],
  tmp: string = temporary,
): Host {
  if (typeof wrapper === "string") context.skip(wrapper);
  const [file = "", ...more] = [...(wrapper as readonly string[]), process.execPath, ...args];
  return startCommand(file, more, { ...process.env, TMPDIR: tmp, NODE_NO_WARNINGS: "" });
}

interface Outcome {
  readonly value?: number;
  readonly code?: string;
  readonly message?: string;
  readonly cause?: string;
}

async function outcomeOf(host: Host): Promise<Outcome & { readonly output: string }> {
  const outcome = JSON.parse(await host.said("outcome")) as Outcome;
  const { output } = await host.ended;
  return { ...outcome, output };
}

const ONE_CALL = programArguments("surroundings-host.ts");

describe("without /bin/sh", () => {
  it("there is one warning, and everything but the guard", async (context) => {
    // The link itself stays: what it points to is covered by a file that can't be run.
    const host = start(context, mountNamespace('mount --bind /dev/null "$(readlink -f /bin/sh)"'), ONE_CALL);
    const { value, output } = await outcomeOf(host);
    expect(value).toBe(3);
    expect(output.match(/this process has no guard/g)).toHaveLength(1);
    expect(output).toContain("The guard needs /bin/sh");
  });
});

describe.skipIf(!canSeeProcesses)("without /proc", () => {
  // Deno takes its own path from /proc/self/exe and crashes without it, pool or no pool.
  const hide =
    'd=$(mktemp -d) && mount -t tmpfs none "$d" && mkdir "$d/self" && ln -s "$1" "$d/self/exe" && mount --move "$d" /proc';

  // Bun crashes even so.
  it.skipIf(name === "bun")("a pool works", async (context) => {
    const { value } = await outcomeOf(start(context, mountNamespace(hide), ONE_CALL));
    expect(value).toBe(3);
  });
});

describe("a temporary folder", () => {
  it("that does not exist fails the start, and the error names it and TMPDIR", async (context) => {
    const outcome = await outcomeOf(start(context, [], ONE_CALL, join(temporary, "nowhere")));
    expect(outcome).toMatchObject({ code: "ERR_WORKER_START", cause: "ENOENT" });
    expect(outcome.message).toContain("TMPDIR");
  });

  it("that is read-only fails the start, and the error says so", async (context) => {
    const folder = join(temporary, "read-only");
    mkdirSync(folder);
    const wrapper = mountNamespace(`mount -t tmpfs -o ro none "${folder}"`);
    const outcome = await outcomeOf(start(context, wrapper, ONE_CALL, folder));
    expect(outcome).toMatchObject({ code: "ERR_WORKER_START", cause: "EROFS" });
    expect(outcome.message).toContain("TMPDIR");
  });

  it("whose path is too long for a socket is not used: /tmp is", async (context) => {
    const folder = join(temporary, "x".repeat(120));
    mkdirSync(folder);
    const outcome = await outcomeOf(start(context, [], ONE_CALL, folder));
    expect(outcome.value).toBe(3);
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe("out of descriptors", () => {
  it("a start is tried again for a while and then an error; it works again when there are some", async (context) => {
    const host = start(context, limited("--nofile=100"), programArguments("crowded-host.ts"));
    expect(await host.said("crowded")).toBe("ERR_CRASH_LOOP ERR_WORKER_START EMFILE");
    expect(await host.said("later")).toBe("7");
    await host.said("closed");
    expect((await host.ended).code).toBe(0);
  });
});

describe("out of descriptors, at any point of a start", () => {
  it("there is one exit with the reason, and nothing that nobody hears", async (context) => {
    const host = start(context, limited("--nofile=100"), programArguments("port-host.ts", "full"));
    expect(await host.said("full")).toBe("16");
    expect((await host.ended).code).toBe(0);
  });
});

describe("out of processes", () => {
  // Root has no such limit. Bun and Deno start threads at any time, and crash where they can't.
  it.runIf(name === "node")("a start is tried again for a while and then an error", async (context) => {
    const limit = "--nproc=1";
    const prlimit = limited(limit);
    const wrapper = typeof prlimit === "string" ? prlimit : otherUser;
    const args = programArguments("surroundings-host.ts", "{}", limit);
    const outcome = await outcomeOf(start(context, wrapper, args, tmpdir()));
    expect(outcome).toMatchObject({ code: "ERR_WORKER_START", cause: "EAGAIN" });
  });
});

describe.runIf(name === "deno")("Deno without a permission", () => {
  const flags = (...more: string[]) => [
    "run",
    "--no-prompt",
    ...more,
    ...programArguments("surroundings-host.ts").slice(2),
  ];

  it("to call libc: a pool works; to adopt orphans is refused at once, and says what it takes", async (context) => {
    const without = flags("-A", "--deny-ffi");
    expect((await outcomeOf(start(context, [], without))).value).toBe(3);
    const refused = await outcomeOf(start(context, [], [...without, '{"orphans":"adopt"}']));
    expect(refused.code).toBe("ERR_UNSUPPORTED");
    expect(refused.message).toContain("--allow-ffi");
  });

  it("to run programs: calls reject, and the error says what it takes", async (context) => {
    const outcome = await outcomeOf(start(context, [], flags("-A", "--deny-run")));
    expect(outcome.code).toBe("ERR_WORKER_START");
    expect(outcome.message).toContain("--allow-run");
  });

  it("to run a shell: one warning, and everything but the guard", async (context) => {
    const some = ["--allow-read", "--allow-write", "--allow-net", "--allow-env", "--allow-sys"];
    const outcome = await outcomeOf(start(context, [], flags(...some, `--allow-run=${process.execPath}`)));
    expect(outcome.value).toBe(3);
    expect(outcome.output.match(/this process has no guard/g)).toHaveLength(1);
  });
});
