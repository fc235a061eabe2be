/** What comes for a call before it has started: it is the call's own once it does. */
import { describe, expect, test } from "vitest";
import { CallFlag, FrameType, WINDOW } from "../../src/wire/frame.ts";
import { bytesOfUint32 } from "../../src/wire/integers.ts";
import { COLLECT, COUNT, callsScene, SPIN, TEXT, WAIT } from "../support/calls-scene.ts";
import { settled } from "../support/fake-clock.ts";

type Scene = ReturnType<typeof callsScene>;

/** Why a call does not start at once, and how it comes that it does. */
const reasons: [string, (scene: Scene) => () => Promise<void> | void][] = [
  [
    "every seat is taken",
    ({ call, release }) => {
      call(1, WAIT, "a");
      return () => release("a");
    },
  ],
  [
    "the loop is to turn first",
    ({ call, turn }) => {
      call(1, SPIN, "a", 5);
      return () => turn();
    },
  ],
  [
    "more has been written than the journal can keep",
    ({ call, channel }) => {
      channel.isFull = true;
      call(1, TEXT, 5_000);
      return () => channel.take();
    },
  ],
  [
    "another waits before it",
    ({ call, turn, release }) => {
      call(1, SPIN, "a", 5);
      call(2, WAIT, "b");
      return () => {
        turn();
        return release("b");
      };
    },
  ],
];

describe.each(reasons)("a call that waits because %s", (_, block) => {
  test("gives as many items as were pulled before its start, and goes on with what is pulled then", async () => {
    const scene = callsScene();
    const unblock = block(scene);
    scene.callWith(3, COUNT, [5], CallFlag.Stream);
    scene.pull(3, 1);
    scene.pull(3, 2);
    expect(scene.told(3)).toEqual([]);
    await unblock();
    await settled();
    expect(scene.told(3)).toEqual([1, 2, 3]);
    scene.pull(3, WINDOW);
    await settled();
    expect(scene.told(3)).toEqual([1, 2, 3, 4, 5]);
    expect(scene.answers().at(-1)).toEqual([3, "end", expect.any(Number)]);
  });

  test("fails at once where its iterable has failed before its start", async () => {
    const scene = callsScene();
    const unblock = block(scene);
    scene.callWith(3, COLLECT, [null], 0, [0]);
    scene.inputFailure(3, 0, "gone");
    await unblock();
    await settled();
    expect(scene.answers().at(-1)).toEqual([3, "failure", expect.any(Number)]);
  });

  test.each([
    ["an item", (scene: Scene) => scene.input(3, 0, "a")],
    ["an end", (scene: Scene) => scene.inputEnd(3, 0)],
    ["a Pull beyond the window", (scene: Scene) => scene.pull(3, WINDOW + 1)],
    ["a Pull of nothing", (scene: Scene) => scene.pull(3, 0)],
    [
      "Pulls that add up",
      (scene: Scene) => {
        scene.pull(3, WINDOW);
        scene.pull(3, 1);
      },
    ],
  ])("rejects what no host sends: %s", async (_, send) => {
    const scene = callsScene();
    block(scene);
    scene.callWith(3, COLLECT, [null], 0, [0]);
    expect(() => send(scene)).toThrow(expect.objectContaining({ code: "ERR_PROTOCOL" }));
  });

  test("does not start once it was cancelled, whatever came for it; the next gets its own", async () => {
    const scene = callsScene();
    const unblock = block(scene);
    scene.callWith(3, COUNT, [5], CallFlag.Stream);
    scene.pull(3, 3);
    scene.callWith(4, COUNT, [2], CallFlag.Stream);
    scene.cancel(3);
    scene.pull(3, 3);
    scene.pull(4, 1);
    await unblock();
    await settled();
    expect([scene.told(3), scene.told(4)]).toEqual([[], [1]]);
    expect(scene.answers().filter(([id]) => id === 3)).toEqual([[3, "failure", 0]]);
    expect(scene.runs().filter((run) => run.startsWith("run count"))).toHaveLength(1);
  });

  test("keeps what came though its bytes are written over", async () => {
    const scene = callsScene();
    const unblock = block(scene);
    scene.callWith(3, COUNT, [9], CallFlag.Stream);
    const lent = Uint8Array.from(bytesOfUint32(2));
    scene.calls.onFrame(FrameType.Pull, 3, lent);
    lent.fill(0xee);
    await unblock();
    await settled();
    expect(scene.told(3)).toEqual([1, 2]);
  });
});

test("of several that wait each gets its own, and one that runs gets its own at once", async () => {
  const scene = callsScene({ concurrency: 2 });
  scene.callWith(1, COUNT, [9], CallFlag.Stream);
  scene.call(2, WAIT, "b");
  for (const id of [3, 4]) scene.callWith(id, COUNT, [9], CallFlag.Stream);
  scene.pull(4, 1);
  scene.pull(1, 2);
  scene.pull(3, 3);
  scene.pull(4, 1);
  await settled();
  expect([scene.told(1), scene.told(3), scene.told(4)]).toEqual([[1, 2], [], []]);
  await scene.release("b");
  scene.cancel(1);
  await settled();
  expect([scene.told(1), scene.told(3), scene.told(4)]).toEqual([
    [1, 2],
    [1, 2, 3],
    [1, 2],
  ]);
});

test("what comes for a call that is over is no error", async () => {
  const scene = callsScene();
  scene.call(1, SPIN, "a", 0);
  scene.call(2, WAIT, "b");
  expect(() => {
    scene.pull(1, 3);
    scene.input(1, 0, "item");
    scene.inputEnd(1, 0);
    scene.cancel(1);
  }).not.toThrow();
  await scene.release("b");
  expect(scene.answers().map(([, value]) => value)).toEqual(["a", "b"]);
});
