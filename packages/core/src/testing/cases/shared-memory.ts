/** Memory that host and workers share: it is sent without a copy, whichever way it crosses. */
import { createSharedBufferOn } from "../../memory/runtime-buffer.ts";
import { assert, assertEqual, type ContractCase, rejection, until } from "../contract-case.ts";
import { collectionProbe, leaveGarbageUntil } from "../garbage.ts";
import { firstByte, sharing } from "../shared-memory-scene.ts";

async function collected<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

export const sharedMemoryCases: readonly ContractCase[] = [
  sharing("host and worker see what the other writes, in an argument and in a result", async (scene) => {
    const { pool, create } = scene;
    const mine = new Uint8Array(create(100_000));
    await pool.run("fill", [mine, 7]);
    assert(
      mine.every((byte) => byte === 7),
      "Expected the host to see what the worker has written",
    );
    mine[99_999] = 8;
    assertEqual(await pool.run("byteAt", [mine, 99_999]), 8, "the byte that the host has written");
    const theirs = new Uint8Array(await pool.run("share", [5000, 1]));
    assertEqual([theirs.length, theirs[4999]], [5000, 1], "length and last byte");
    await pool.run("fillKept", [2]);
    assertEqual(theirs[4999], 2, "the last byte after the worker has written");
    const ordinary = new Uint8Array(8);
    await pool.run("fill", [ordinary, 7]);
    assertEqual(ordinary[0], 0, "a byte of memory that is not shared");
  }),
  sharing(
    "a view keeps its type, its place and its length, deep in a value, and its buffer is one",
    async (scene) => {
      const { pool, create } = scene;
      const buffer = create(64);
      const views = [new Float64Array(buffer, 8, 2), new DataView(buffer, 3, 5), new Int8Array(buffer, 63)];
      const sent = { map: new Map([[buffer, views]]), ordinary: new Uint16Array([1, 2]), again: buffer };
      await pool.run("keep", [sent]);
      const came = (await pool.run("giveKept")) as typeof sent;
      const [[key, [floats, data, last]]] = [...came.map] as unknown as [
        [ArrayBuffer, [Float64Array, DataView, Int8Array]],
      ];
      assert(key === buffer && came.again === buffer, "Expected the very ArrayBuffer that was sent");
      assert(
        [floats, data, last].every((view) => view.buffer === buffer),
        "Expected each view to be on the very ArrayBuffer that was sent",
      );
      assert(
        floats instanceof Float64Array && data instanceof DataView && last instanceof Int8Array,
        "types",
      );
      const places = [floats, data, last].map((view) => [view.byteOffset, view.byteLength]);
      assertEqual(places, [[8, 16], [3, 5], [63, 1]], "offsets and lengths"); // biome-ignore format: a table
      assertEqual([...came.ordinary], [1, 2], "the bytes beside it");
    },
  ),
  sharing(
    "two workers count in one place with Atomics and lose nothing",
    async ({ pool, create }) => {
      const counter = new Int32Array(create(4));
      await Promise.all([1, 2].map(() => pool.run("count", [counter, 50_000])));
      assertEqual(counter[0], 100_000, "the count");
    },
    { maxWorkers: 2 },
  ),
  {
    name: "shared memory: a worker gets it as worker.data, and every worker by broadcast",
    needs: "sharedMemory",
    run: async (subject) => {
      const place = new Uint8Array(createSharedBufferOn(subject.runtime)(1));
      const { run } = sharing(
        "",
        async ({ pool }) => {
          await pool.ready();
          assertEqual(place[0], 1, "the byte that setup() has written");
          await pool.broadcast("fill", [place, 3]);
          assertEqual(place[0], 3, "the byte that a broadcast has written");
        },
        { minWorkers: 1, maxWorkers: 1, worker: { data: { place } } },
      );
      await run(subject);
    },
  },
  sharing(
    "it crosses as an item, as an item of an argument, in a chunk, as progress and in an error",
    async (scene) => {
      const { pool, filled } = scene;
      const bytes = [1, 2, 3];
      assertEqual(
        (await collected(pool.stream("shareEach", [bytes]))).map(firstByte),
        bytes,
        "items of a stream",
      );
      const items = (async function* () {
        for (const byte of bytes) yield new Uint8Array(filled(8, byte));
      })();
      assertEqual(await pool.run("firstBytes", [items]), bytes, "items of an argument");
      const calls = bytes.map((byte): [Uint8Array, number] => [new Uint8Array(filled(8, byte)), 0]);
      assertEqual(await collected(pool.map("byteAt", calls, { chunk: 2 })), bytes, "outcomes of a map");
      const given: unknown[] = [];
      await pool.run("emitShared", [4], { onProgress: (value) => given.push(value) });
      const [{ deep }] = given as [{ deep: Uint8Array[] }];
      assertEqual(deep[0]?.[0], 4, "the byte of a progress");
      const error = await rejection(pool.run("throwShared", [5]), "RangeError");
      assertEqual(firstByte(error.memory), 5, "the byte of an error's own property");
    },
  ),
  sharing("what is sent waits for its worker, even if the host has dropped it", async (scene) => {
    const { pool, create, filled } = scene;
    const flag = new Int32Array(create(4));
    const busy = pool.run("waitFor", [flag]);
    const call = pool.run("byteAt", [new Uint8Array(filled(4096, 6)), 4095]);
    for (let i = 0; i < 3; i++)
      await leaveGarbageUntil(collectionProbe(), "an object that nobody holds to be gone");
    Atomics.store(flag, 0, 1);
    assertEqual(await call, 6, "the byte");
    await busy;
  }),
  sharing("a result that the worker has dropped is still there when the host reads it", async (scene) => {
    const { runtime, pool, create } = scene;
    const flag = new Int32Array(create(4));
    const call = pool.run("shareAndForget", [flag, 4096, 9]);
    await until(runtime, () => Atomics.load(flag, 0) === 1, "the task to run");
    // From here to the end of the loop this process reads nothing.
    const end = runtime.now() + 60_000;
    Atomics.store(flag, 0, 2);
    while (Atomics.load(flag, 0) !== 3)
      assert(runtime.now() < end, "Expected the worker's collector to come");
    assertEqual(firstByte(await call), 9, "the byte");
  }),
];
