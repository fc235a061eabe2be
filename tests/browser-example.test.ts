/** The example with a browser does what it says: it renders, keeps its limits, and goes on when its browser crashes. */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { listProcesses } from "@reapool/core/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { name } from "./support/adapter.ts";
import { browserProcesses, findChromium, untilGone } from "./support/browser.ts";
import { type Host, startCommand } from "./support/host.ts";
import { pidNamespace } from "./support/sandbox.ts";

const executable = findChromium();
const program = fileURLToPath(new URL("../examples/browser/main.ts", import.meta.url));

/** A busy machine takes many seconds for what takes two. */
const PATIENT = { TIMEOUT: "45000" };

let temporary: string;
beforeEach(() => {
  temporary = mkdtempSync(join(tmpdir(), "example-"));
});
afterEach(() => rmSync(temporary, { recursive: true, force: true, maxRetries: 5 }));

interface Service {
  readonly host: Host;
  post(path: string, html: string): Promise<Response>;
  health(): Promise<{ live: number; busy: number; queued: number; zombies: number }>;
}

async function start(wrapper: readonly string[], env: Record<string, string> = {}): Promise<Service> {
  const [file = "", ...args] = [
    ...wrapper,
    process.execPath,
    ...(name === "deno" ? ["run", "-A"] : []),
    program,
  ];
  const host = startCommand(file, args, {
    ...process.env,
    TMPDIR: temporary,
    PORT: "0",
    BROWSERS: "1",
    CHROMIUM: executable,
    CHROMIUM_FLAGS: "--no-sandbox --disable-background-networking --disable-component-update",
    ...env,
  });
  const listens = await host.printed(/listens at (\S+)\n/);
  // 503 is to come again later: on a busy machine another browser starts for longer than a call may wait for it.
  const post = async (path: string, html: string, tries = 5): Promise<Response> => {
    const headers = { connection: "close" };
    const response = await fetch(`${listens}${path}`, { method: "POST", body: html, headers });
    return response.status === 503 && tries > 1 ? post(path, html, tries - 1) : response;
  };
  const health = async () =>
    (await (await fetch(`${listens}/health`)).json()) as ReturnType<Service["health"]>;
  return { host, post, health };
}

/** The process that all others of the browsers of this test descend from. */
function mainProcesses(): number[] {
  const browsers = browserProcesses(`${temporary}/profiles-`);
  const pids = new Set(browsers.map(({ pid }) => pid));
  const isMain = ({ pid, parent, name }: { pid: number; parent: number; name: string }) =>
    pids.has(pid) && !pids.has(parent) && name === "chromium";
  return listProcesses()
    .filter(isMain)
    .map(({ pid }) => pid);
}

/** Of the document; an error as a whole. */
async function begin(response: Response, length: number): Promise<string> {
  const body = Buffer.from(await response.arrayBuffer()).toString("latin1");
  return response.ok ? body.slice(0, length) : body;
}

describe.skipIf(executable === undefined)("the example with a browser", () => {
  it("renders, goes on when its browser crashes, and leaves nothing", async () => {
    const { host, post, health } = await start([], PATIENT);
    expect(await begin(await post("/png", "<h1>Hello</h1>"), 4)).toBe("\x89PNG");
    expect(await begin(await post("/pdf", "<h1>Hello</h1>"), 5)).toBe("%PDF-");
    expect(await health()).toMatchObject({ live: 1, busy: 0, queued: 0 });

    // While it renders: the call is made again, with another browser.
    const [first] = mainProcesses();
    const rendering = post(
      "/png",
      "<script>for (const end = Date.now() + 1_500; Date.now() < end; );</script>",
    );
    await new Promise((resolve) => setTimeout(resolve, 700));
    process.kill(first as number, "SIGKILL");
    expect(await begin(await rendering, 4)).toBe("\x89PNG");

    // While it has nothing to do.
    const [second] = mainProcesses();
    expect(second).not.toBe(first);
    process.kill(second as number, "SIGKILL");
    expect(await begin(await post("/png", "<h1>Hello</h1>"), 4)).toBe("\x89PNG");

    expect((await post("/png", "x".repeat(2 ** 21 + 1))).status).toBe(413);
    expect((await post("/gif", "")).status).toBe(404);
    expect(await begin(await post("/pdf", "<h1>Hello</h1>"), 5)).toBe("%PDF-");

    const seen = browserProcesses(`${temporary}/profiles-`);
    process.kill(host.process.pid as number, "SIGTERM");
    expect((await host.ended).code).toBe(0);
    expect((await untilGone(seen, `${temporary}/profiles-`)).left).toEqual([]);
    expect(readdirSync(temporary).filter((file) => file.startsWith("profiles-"))).toEqual([]);
  });

  it("cuts a document that never ends short, twice, each time with its browser, and goes on", async () => {
    const { host, post } = await start([], { TIMEOUT: "10000" });
    expect((await post("/png", "<script>for (;;);</script>")).status).toBe(504);
    const render = async () => begin(await post("/pdf", "<h1>Hello</h1>"), 5);
    await expect.poll(render, { timeout: 90_000 }).toBe("%PDF-"); // in that time, a busy machine may not
    const seen = browserProcesses(`${temporary}/profiles-`);
    process.kill(host.process.pid as number, "SIGTERM");
    expect((await host.ended).code).toBe(0);
    expect((await untilGone(seen, `${temporary}/profiles-`)).left).toEqual([]);
  });

  it("has no zombie as PID 1, which adopts what its browsers leave", async (context) => {
    if (typeof pidNamespace === "string") context.skip(pidNamespace);
    const { host, post, health } = await start(pidNamespace as readonly string[], PATIENT);
    for (let i = 0; i < 2; i++) {
      expect((await post("/png", "<h1>Hello</h1>")).status).toBe(200);
      process.kill(mainProcesses()[0] as number, "SIGKILL");
    }
    expect((await post("/png", "<h1>Hello</h1>")).status).toBe(200);
    await expect.poll(async () => (await health()).zombies, { timeout: 20_000 }).toBe(0);
    process.kill(host.process.pid as number, "SIGKILL");
    await host.ended;
  });
});
