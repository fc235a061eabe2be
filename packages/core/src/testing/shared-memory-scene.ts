/** What the cases that share memory have in common: their setup, and which processes hold what. */

import { handleOf } from "../memory/process-memory.ts";
import { createSharedBufferOn } from "../memory/runtime-buffer.ts";
import type { CreateSharedBuffer } from "../memory/shared-buffer.ts";
import type { PoolOptions } from "../options/pool-options.ts";
import type { Pool } from "../pool/create-pool.ts";
import type { Runtime } from "../port/runtime.ts";
import { assert, assertEqual, type ContractCase, type Subject, shell } from "./contract-case.ts";
import type * as Fixture from "./fixtures/sharing.ts";

type SharingPool = Pool<typeof Fixture>;

export interface Scene {
  readonly runtime: Runtime;
  readonly pool: SharingPool;
  readonly create: CreateSharedBuffer;
  /** Full of this byte. */
  filled(bytes: number, byte: number): ArrayBuffer;
}

export function sharing(
  name: string,
  body: (scene: Scene) => Promise<void>,
  options: PoolOptions = { maxWorkers: 1 },
): ContractCase {
  const run = async ({ runtime, createPool, sharingFixture }: Subject) => {
    const pool = createPool<typeof Fixture>(sharingFixture, options);
    const create = createSharedBufferOn(runtime);
    const filled = (bytes: number, byte: number) => {
      const buffer = create(bytes);
      new Uint8Array(buffer).fill(byte);
      return buffer;
    };
    try {
      await body({ runtime, pool, create, filled });
    } finally {
      await pool.terminate();
    }
  };
  return { name: `shared memory: ${name}`, needs: "sharedMemory", run };
}

/** Its name, the same in every process, as shown in /proc. */
export function idOf(buffer: ArrayBuffer): string {
  const handle = handleOf(buffer);
  assert(typeof handle === "object", "Expected a shared buffer");
  return handle.id;
}

/** The processes that map the memory or have a descriptor of it, one line for each mapping or descriptor. */
export async function holders(runtime: Runtime, id: string): Promise<{ mapped: number[]; open: number[] }> {
  // Two programs look at all processes: one or more for each took seconds.
  const script =
    'exec 2> /dev/null; grep -l -e "$0" /proc/[0-9]*/maps | sed "s,/maps,,; s,^,mapped ,"; ' +
    'ls -l /proc/[0-9]*/fd | awk -v id="$0" \'/^\\/proc/ { sub("/fd:", ""); p = $0 } index($0, id) { print "open " p }\'';
  const { stdout } = await shell(runtime, script, { parameters: [id] });
  const of = (what: string) =>
    stdout
      .split("\n")
      .filter((line) => line.startsWith(what))
      .map((line) => Number(line.split("/").at(-1)));
  return { mapped: of("mapped"), open: of("open") };
}

/** Whether this process maps it. */
export function mapsIt(runtime: Runtime, id: string): boolean {
  return new TextDecoder().decode(runtime.readFile("/proc/self/maps")).includes(id);
}

export async function nobodyHolds(runtime: Runtime, id: string): Promise<void> {
  const { mapped, open } = await holders(runtime, id);
  assertEqual([mapped, open], [[], []], "the processes that hold the memory");
}

export const firstByte = (buffer: unknown): number | undefined => new Uint8Array(buffer as ArrayBuffer)[0];
