/** How a worker that runs in Deno is started, from a host of any runtime. */
import {
  assertProgram,
  bare,
  type Launcher,
  type LaunchRequest,
  OptionReader,
  ownCommand,
  SOCKET_VARIABLE,
  TOKEN_VARIABLE,
} from "@reapool/core";
import { mayReadAddress } from "./address.ts";
import { isGranted } from "./is-granted.ts";

export interface LauncherOptions {
  /** The `deno` to run. Default: the host's own when it is Deno, else the one on the PATH. */
  executable?: string | undefined;
  /**
   * The program of the workers, as an absolute path or a file URL: where a build has put the entry
   * `@reapool/deno/worker-main`. Default: the one of this package.
   */
  program?: string | URL | undefined;
}

export function launcher(options?: LauncherOptions): Launcher {
  const read = new OptionReader("launcher.", options, ["executable", "program"]);
  const executable = read.path("executable");
  // Bundlers know this shape: they copy the file.
  const given = read.file("program");
  const url = given ?? new URL("./worker-main.mjs", import.meta.url);
  // Deno runs a program from a registry, too.
  const program = url.protocol === "file:" ? decodeURIComponent(url.pathname) : url.href;
  const isHost = Object.hasOwn(globalThis, "Deno");
  return {
    name: "deno",
    command: (request) => {
      if (isHost && Deno.build.standalone && (executable ?? Deno.execPath()) === Deno.execPath()) {
        const command = ownCommand(ownExecutable(), request, given !== undefined);
        assertAddressed();
        return command;
      }
      if (isHost && url.protocol === "file:") assertProgram(isThere(program), program, "@reapool/deno");
      return {
        file: executable ?? (isHost ? ownExecutable() : "deno"),
        args: [
          "run",
          ...permissionFlags(request, isHost),
          ...(request.execArgv ?? []),
          program,
          ...request.argv,
        ],
      };
    },
  };
}

/** Otherwise the program would not know that it is a worker, and start its own. */
function assertAddressed(): void {
  if (mayReadAddress()) return;
  throw new Error(
    `Expected this program to be compiled with --allow-env=${SOCKET_VARIABLE},${TOKEN_VARIABLE}, by which it knows that it is ` +
      "a worker: docs/deploy.md",
  );
}

/** What this may not look at is taken to be there. */
function isThere(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch (error) {
    return !(error instanceof Deno.errors.NotFound);
  }
}

function ownExecutable(): string {
  const path = Deno.execPath();
  // So the kernel names what an upgrade has removed; what this process runs can still be had there.
  return path.endsWith(" (deleted)") ? `/proc/${Deno.pid}/exe` : path;
}

const KINDS = ["read", "write", "net", "env", "run", "sys", "ffi", "import"] as const;

/** The application has taken permissions into its own hands. */
const PERMISSION_FLAG = /^(?:--allow-|--permission-set|-[AP]|-[RWNESI](?:=|$))/;

/**
 * What the host itself may do, asked kind by kind, and never more. A kind the host has in part can't be
 * listed, only probed, so of it the worker gets what it needs to work at all: its socket, its module.
 */
function permissionFlags(request: LaunchRequest, isHost: boolean): string[] {
  // Without it a missing permission would ask the terminal and hang.
  const flags = ["--no-prompt"];
  if (request.execArgv?.some((flag) => PERMISSION_FLAG.test(flag))) return flags;
  // A host of another runtime has every permission.
  if (!isHost || KINDS.every(isWhole)) return [...flags, "--allow-all"];
  for (const kind of KINDS) {
    if (isWhole(kind)) flags.push(`--allow-${kind}`);
    else flags.push(...neededFlags(kind, request));
  }
  return flags;
}

/** `partial` is set where something of the kind is denied. */
function isWhole(kind: (typeof KINDS)[number]): boolean {
  const status = Deno.permissions.querySync(bare({ name: kind } as Deno.PermissionDescriptor));
  return status.state === "granted" && !status.partial;
}

function neededFlags(kind: (typeof KINDS)[number], request: LaunchRequest): string[] {
  switch (kind) {
    case "read": {
      const places = [request.folder, ...moduleFolder(request.module), request.cwd ?? Deno.cwd()];
      return [`--allow-read=${list(places.filter((path) => isGranted({ name: "read", path })))}`];
    }
    case "write":
      return [`--allow-write=${list([request.folder])}`];
    case "net":
      return [`--allow-net=${list([`unix:${request.socket}`])}`];
    case "env":
      return [`--allow-env=${SOCKET_VARIABLE},${TOKEN_VARIABLE}`];
    case "import":
      return importFlags();
    default:
      return [];
  }
}

/** Two of the hosts that Deno imports from when nothing is said, and that nobody allows by themselves. */
const DEFAULT_IMPORT_HOSTS = ["raw.githubusercontent.com:443", "gist.githubusercontent.com:443"];

/** Without a flag the worker may import from Deno's default hosts: only where the host may, too. */
function importFlags(): string[] {
  const hasDefaults = DEFAULT_IMPORT_HOSTS.every((host) => isGranted({ name: "import", host }));
  return hasDefaults ? [] : [`--allow-import=${NO_HOST}`];
}

/** Takes the place of the default hosts and exists nowhere: `.invalid` is kept free by RFC 2606. */
const NO_HOST = "none.invalid:443";

/** In Deno's lists a comma that belongs to a path is written twice. */
function list(items: readonly string[]): string {
  return items.map((item) => item.replaceAll(",", ",,")).join(",");
}

function moduleFolder(module: string): string[] {
  const folder = new URL(".", module);
  return folder.protocol === "file:" ? [decodeURIComponent(folder.pathname)] : [];
}
