/** Shared memory is released once no process holds it, however it was dropped; what can't be mapped is an error. */
import { handleOf } from "../../memory/process-memory.ts";
import { createSharedBufferOn } from "../../memory/runtime-buffer.ts";
import { releaseSharedBuffer } from "../../memory/shared-buffer.ts";
import { decode, encode, isJson } from "../../wire/value.ts";
import { assert, assertEqual, type ContractCase, kill, rejection, until, within } from "../contract-case.ts";
import { collectionProbe, leaveGarbageUntil } from "../garbage.ts";
import { firstByte, holders, idOf, mapsIt, nobodyHolds, sharing } from "../shared-memory-scene.ts";

/** A value that names memory as another process would. */
function named(...handle: readonly unknown[]): Uint8Array {
  const text = new TextEncoder().encode(JSON.stringify([[1], ["shared", ...handle]]));
  return new Uint8Array([3, 0, 0, text.length >> 8, text.length & 0xff, ...text]);
}

function failure(body: () => unknown): Error & Record<string, unknown> {
  try {
    body();
  } catch (error) {
    return error as Error & Record<string, unknown>;
  }
  throw new Error("Expected it to throw");
}

export const sharedMemoryReleaseCases: readonly ContractCase[] = [
  sharing(
    "each process releases it on garbage collection, and nothing is left after the last",
    async (scene) => {
      const { runtime, pool, filled } = scene;
      const held = [filled(4096, 1)]; // never in a variable of this function, which Bun might keep with it
      const id = held.map(idOf)[0] as string;
      await pool.run("keep", [held.map((buffer) => [buffer, new Uint8Array(buffer, 8)])]);
      const pids = [runtime.pid, pool.workers[0]?.pid].sort();
      const before = await holders(runtime, id);
      assertEqual([before.mapped.sort(), before.open.sort()], [pids, pids], "those who hold it");
      await within(runtime, 60_000, pool.run("collect", [id]), "the worker to let go");
      assertEqual((await holders(runtime, id)).mapped, [runtime.pid], "those who map it");
      assertEqual(held.map(firstByte), [1], "the byte that is left to the host");
      held.length = 0;
      await leaveGarbageUntil(() => !mapsIt(runtime, id), "the memory to be unmapped");
      await until(runtime, async () => (await holders(runtime, id)).open.length === 0, "it to be closed");
    },
  ),
  sharing("a view alone keeps it", async ({ runtime, filled }) => {
    const view = (() => new Uint8Array(filled(4096, 5), 100))();
    const id = idOf(view.buffer as ArrayBuffer);
    for (let i = 0; i < 3; i++)
      await leaveGarbageUntil(collectionProbe(), "an object that nobody holds to be gone");
    assertEqual(view[0], 5, "the byte");
    assertEqual((await holders(runtime, id)).mapped, [runtime.pid], "those who map it");
    assertEqual(idOf(view.buffer as ArrayBuffer), id, "the name of its buffer");
  }),
  sharing(
    "releaseSharedBuffer() releases it at once, in this process only, and it can't be sent any more",
    async (scene) => {
      const { runtime, pool, filled } = scene;
      const buffer = filled(4096, 1);
      const view = new Uint8Array(buffer);
      const id = idOf(buffer);
      await pool.run("keep", [buffer]);
      releaseSharedBuffer(buffer);
      releaseSharedBuffer(buffer);
      const left = [pool.workers[0]?.pid];
      const { mapped, open } = await holders(runtime, id);
      assertEqual([mapped, open], [left, left], "those who hold it");
      assertEqual([view.length, view[0]], [4096, 0], "length and first byte of a view");
      const error = await rejection(pool.run("keep", [{ deep: [view] }]), "ERR_SERIALIZATION");
      assert(
        error.message.includes("`args[0].deep[0].buffer`") && error.message.includes("released"),
        error.message,
      );
      const again = (await pool.run("giveKept")) as ArrayBuffer;
      assert(
        again !== buffer && firstByte(again) === 1,
        "Expected the worker's memory in another ArrayBuffer",
      );
      await pool.run("releaseKept");
      assertEqual((await holders(runtime, id)).mapped, [runtime.pid], "those who map it");
      releaseSharedBuffer(again);
      await nobodyHolds(runtime, id);
      for (const wrong of [new ArrayBuffer(1), view, undefined]) {
        assertEqual(failure(() => releaseSharedBuffer(wrong as ArrayBuffer)).name, "TypeError", "the error");
      }
    },
  ),
  sharing("it can't be moved away under its views", async ({ create }) => {
    const buffer = create(16) as ArrayBuffer & { transfer(): ArrayBuffer };
    assertEqual(failure(() => buffer.transfer()).name, "TypeError", "the error");
    failure(() => structuredClone(buffer, { transfer: [buffer] }));
    assertEqual(new Uint8Array(buffer).length, 16, "its length");
  }),
  sharing("the death of a worker takes nothing that the host has, and leaves nothing else", async (scene) => {
    const { runtime, pool } = scene;
    const theirs = await pool.run("share", [4096, 4]);
    const alone = await pool.run("share", [8, 5]);
    const [id, aloneId] = [idOf(theirs), idOf(alone)];
    releaseSharedBuffer(alone);
    const gone = new Promise((resolve) => pool.on("exit", resolve));
    await kill(runtime, pool.workers[0]?.pid, "KILL");
    await gone;
    await nobodyHolds(runtime, aloneId);
    assertEqual(firstByte(theirs), 4, "the byte");
    assertEqual(
      await pool.run("byteAt", [new Uint8Array(theirs), 0]),
      4,
      "the byte as the next worker has it",
    );
    await pool.terminate();
    releaseSharedBuffer(theirs);
    await nobodyHolds(runtime, id);
  }),
  sharing("a name that leads nowhere, or to something else, is an error and maps nothing", async (scene) => {
    const { runtime, create } = scene;
    const [other, lost] = [create(4096), create(4096)];
    const [otherHandle, handle] = [handleOf(other), handleOf(lost)];
    assert(typeof otherHandle === "object" && typeof handle === "object", "Expected two shared buffers");
    const { id, bytes, pid, descriptor } = handle;
    assert(decode(named(id, bytes, pid, descriptor)) === lost, "Expected the name to be right");
    releaseSharedBuffer(lost);
    const wrong = [
      [id, bytes, pid, descriptor], // closed, or another file by now
      [id, bytes, pid, otherHandle.descriptor],
      [
        otherHandle.id.replace(/^./, (digit) => (digit === "0" ? "1" : "0")),
        bytes,
        pid,
        otherHandle.descriptor,
      ],
      [id, bytes, 2 ** 31 - 1, descriptor],
      [id, bytes, pid, 0],
    ];
    for (const parts of wrong) {
      const error = failure(() => decode(named(...parts)));
      assertEqual(error.code, "ERR_SERIALIZATION", `the error of ${JSON.stringify(parts)}`);
      assert(error.message.includes(`${bytes} bytes that process ${parts[2]} shares`), error.message);
    }
    for (const parts of [
      ["../../etc/passwd", 1, 1, 1],
      [id, 0, pid, 1],
      [id, 1.5, pid, 1],
      [id, 1, "1", 1],
      [],
    ]) {
      assertEqual(failure(() => decode(named(...parts))).code, "ERR_PROTOCOL", "the error");
    }
    await nobodyHolds(runtime, id);
  }),
  sharing(
    "an item or a progress that is gone when it comes is the failure of its call alone",
    async (scene) => {
      const { pool, filled } = scene;
      await pool.ready();
      const worker = pool.workers[0]?.pid;
      const take = async () => {
        for await (const item of pool.stream("shareAndRelease")) firstByte(item);
      };
      const items = (async function* () {
        const buffer = filled(8, 1);
        yield buffer;
        releaseSharedBuffer(buffer);
      })();
      const calls = [take(), pool.run("firstBytes", [items as unknown as AsyncIterable<Uint8Array>])];
      for (const call of calls) {
        const { message } = await rejection(call, "ERR_SERIALIZATION");
        assert(message.includes("it is gone"), message);
      }
      // Progress leaves at once: whether it is gone when it comes is a race.
      const emitted = await pool
        .run("emitAndRelease", [], { onProgress: () => {} })
        .catch(({ code }: { code: string }) => code);
      assert(emitted === undefined || emitted === "ERR_SERIALIZATION", `Expected none, received ${emitted}`);
      assertEqual(await pool.run("byteAt", [new Uint8Array([5]), 0]), 5, "a byte");
      assertEqual(pool.workers[0]?.pid, worker, "the worker");
    },
    { minWorkers: 1, maxWorkers: 1 },
  ),
  sharing("a wrong length is refused, and so is more than there is", async ({ create }) => {
    for (const wrong of [0, -1, 1.5, Number.NaN, 2 ** 32 + 1, Number.POSITIVE_INFINITY]) {
      const error = failure(() => create(wrong));
      assertEqual(
        [error.name, error.message],
        ["RangeError", `Expected \`bytes\` to be an integer from 1 to 4294967296, received ${wrong}`],
        "the error",
      );
    }
    const error = failure(() => create("8" as never));
    assertEqual(
      [error.name, error.message],
      ["TypeError", "Expected `bytes` to be a number, received string"],
      "the error",
    );
  }),
  {
    name: "shared memory: a buffer that was not sent is an ordinary one for everything else",
    needs: "sharedMemory",
    run: async ({ runtime }) => {
      const buffer = createSharedBufferOn(runtime)(8);
      assert(buffer instanceof ArrayBuffer && !("detached" in buffer && buffer.detached), "an ArrayBuffer");
      const copy = structuredClone(new Uint8Array(buffer));
      assertEqual(copy.length, 8, "the length of a copy");
      assert(encode([copy], "value").shared === undefined, "Expected a copy to share nothing");
      assert(
        !isJson(encode([buffer], "value")),
        "Expected it to be refused for a worker that reads only JSON",
      );
    },
  },
];
