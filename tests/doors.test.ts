/** Who may connect to a host whose workers run as another user, and what becomes of those who say nothing. */
import { readdirSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { node24 } from "@reapool/runtimes";
import { afterEach, describe, expect, it, type TestContext } from "vitest";
import type * as Work from "./fixtures/work.ts";
import { adapter } from "./support/adapter.ts";
import { type Host, startCommand } from "./support/host.ts";
import { otherUser } from "./support/sandbox.ts";

const USER = 61_234;
const work = new URL("./fixtures/work.ts", import.meta.url);
const strangers = fileURLToPath(new URL("./fixtures/strangers.mjs", import.meta.url));

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** A pool whose worker runs as the user, and the folder of the sockets. */
async function setUp(context: TestContext) {
  if (typeof otherUser === "string") context.skip(otherUser);
  let folder = "";
  const { launcher } = adapter;
  const own = launcher();
  const worker = {
    uid: USER,
    gid: USER,
    env: { HOME: "/tmp" },
    cwd: "/",
    launcher: {
      name: own.name,
      command: (request: Parameters<typeof own.command>[0]) => {
        folder = request.folder;
        return own.command(request);
      },
    },
  };
  const pool = adapter.createPool<typeof Work>(work, { maxWorkers: 1, worker });
  cleanups.push(() => pool.terminate());
  await pool.run("add", [1, 2]);
  return { pool, folder };
}

/** So many connections of a user to the socket of another. */
function knockAs(uid: number, socket: string, count: number): Host {
  const user = [`--reuid=${uid}`, `--regid=${uid}`, "--clear-groups"];
  const host = startCommand("setpriv", [...user, node24 as string, strangers, socket, String(count)], {
    PATH: process.env.PATH,
  });
  cleanups.push(() => {
    host.process.kill("SIGKILL");
    return host.ended;
  });
  return host;
}

const descriptors = () => readdirSync("/proc/self/fd").length;

describe("the socket of workers of another user", () => {
  it("is that user's alone, and the host's own stays the host's", async (context) => {
    const { folder } = await setUp(context);
    const sockets = readdirSync(folder).filter((name) => name.startsWith("socket"));
    expect(sockets).toEqual([`socket-${USER}`]);
    const { mode, uid } = statSync(`${folder}/socket-${USER}`);
    expect([(mode & 0o777).toString(8), uid]).toEqual(["600", USER]);
    const own = adapter.createPool<typeof Work>(work, { maxWorkers: 1 });
    cleanups.push(() => own.terminate());
    await own.run("add", [1, 2]);
    const { mode: ownMode, uid: ownUid } = statSync(`${folder}/socket`);
    expect([(ownMode & 0o777).toString(8), ownUid]).toEqual(["600", process.getuid?.()]);
  });

  it("can't be connected to by a third one, nor can the host's own by either", async (context) => {
    const { folder } = await setUp(context);
    const own = adapter.createPool<typeof Work>(work, { maxWorkers: 1 });
    cleanups.push(() => own.terminate());
    await own.run("add", [1, 2]);
    const tries = [
      [USER + 1, `socket-${USER}`],
      [USER, "socket"],
      [USER + 1, "socket"],
    ] as const;
    for (const [uid, socket] of tries) {
      expect(await knockAs(uid, `${folder}/${socket}`, 3).said("open ")).toBe("0");
    }
    expect(await knockAs(USER, `${folder}/socket-${USER}`, 3).said("open ")).toBe("3");
  });

  it("bounds those who say nothing, and lets the worker in between them", async (context) => {
    const { pool, folder } = await setUp(context);
    const before = descriptors();
    const crowd = knockAs(USER, `${folder}/socket-${USER}`, 300);
    await crowd.said("open ");
    let most = 0;
    const watch = setInterval(() => {
      most = Math.max(most, descriptors() - before);
    }, 5);
    cleanups.push(() => clearInterval(watch));
    for (let round = 0; round < 2; round++) {
      await pool.restart();
      expect(await pool.run("add", [round, 2])).toBe(round + 2);
    }
    // Without a bound there would be all of them, and each would stay.
    expect(most).toBeLessThan(300);
  }, 120_000);
});
