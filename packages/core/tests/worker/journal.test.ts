/** What a worker notes in its journal is found there, whatever becomes of the worker, its disk and its memory. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { bigEndian } from "../../src/wire/integers.ts";
import {
  ENTRY_HEADER_BYTES,
  FIRST_BYTES,
  Form,
  KEPT_BYTES,
  RING_AT,
  RING_BYTES,
  readJournal,
} from "../../src/wire/journal.ts";
import { some } from "../support/effort.ts";
import type { FakeFile } from "../support/fake-files.ts";
import { bytesFrom, JournalScene, MAPPED_AFTER, mappable } from "../support/journal-scene.ts";

/** What fits a segment where the disk is full. */
const FIRST_KEPT_BYTES = FIRST_BYTES - ENTRY_HEADER_BYTES;

/** What can be mapped now. */
let file: FakeFile | undefined;
let restore = () => {};

beforeEach(() => {
  file = undefined;
  restore = mappable(() => file);
});

afterEach(() => restore());

/** One that is open, and mapped if it is wanted so. */
function open({ base = 0, isMapped = false } = {}): JournalScene {
  const scene = new JournalScene(base);
  if (isMapped) file = scene.file;
  scene.open();
  if (isMapped) for (let n = 0; n < MAPPED_AFTER; n++) scene.starts();
  expect(scene.isMapped).toBe(isMapped);
  return scene;
}

const forms = [
  ["in its log", false],
  ["in its memory", true],
] as const;

describe.each(forms)("a journal %s", (_, isMapped) => {
  test("says which task was started last, before it is", () => {
    const scene = open({ isMapped });
    const first = scene.started;
    for (let n = 1; n < 5; n++) {
      scene.starts();
      expect(readJournal(scene.file, scene.total).started).toBe(first + n);
    }
  });

  test("gives what was written and has not left, to who has all that left, and to nobody else", () => {
    const scene = open({ isMapped });
    scene.append(100);
    scene.append(50);
    scene.send(100);
    scene.starts();
    expect(readJournal(scene.file, 100).missing).toEqual(bytesFrom(100, 50));
    expect(readJournal(scene.file, 120).missing).toEqual(bytesFrom(120, 30));
    expect(readJournal(scene.file, 150).missing).toBeUndefined();
    expect(readJournal(scene.file, 151).missing).toBeUndefined(); // it has come by the channel since
  });

  test("keeps the last of more than it can keep, and gives nothing to who misses more", () => {
    const scene = open({ isMapped });
    scene.append(3 * RING_BYTES);
    scene.keep();
    const { total } = scene;
    expect(readJournal(scene.file, total - KEPT_BYTES).missing).toEqual(
      bytesFrom(total - KEPT_BYTES, KEPT_BYTES),
    );
    expect(readJournal(scene.file, total - KEPT_BYTES - 1).missing).toBeUndefined();
    expect(readJournal(scene.file, 0).missing).toBeUndefined();
  });

  test("goes on over 2³² bytes", () => {
    const scene = open({ isMapped, base: 2 ** 32 - 100 });
    scene.append(300);
    scene.starts();
    expect(readJournal(scene.file, 2 ** 32 - 100).missing).toEqual(bytesFrom(2 ** 32 - 100, 300));
    expect(readJournal(scene.file, 50).missing).toEqual(bytesFrom(2 ** 32 + 50, 150));
    expect(readJournal(scene.file, 200).missing).toBeUndefined();
  });
});

describe("a journal in its log", () => {
  test("has room for all that may ever be written in a segment's first page from the start", () => {
    const scene = open();
    scene.file.isFull = true;
    scene.append(FIRST_KEPT_BYTES);
    for (let n = 0; n < 3; n++) {
      scene.starts();
      expect(scene.fault(scene.total - FIRST_KEPT_BYTES)).toBeUndefined();
    }
  });

  test("keeps less from then on where the disk is full, and says so; starts are noted all the same", () => {
    const scene = open();
    expect(scene.journal?.capacity).toBe(KEPT_BYTES);
    scene.file.isFull = true;
    scene.append(KEPT_BYTES);
    scene.starts();
    expect(scene.journal?.capacity).toBe(FIRST_KEPT_BYTES);
    expect(readJournal(scene.file, scene.total).started).toBe(1);
    scene.send(KEPT_BYTES - FIRST_KEPT_BYTES);
    scene.starts();
    expect(readJournal(scene.file, scene.total).started).toBe(2);
    expect(readJournal(scene.file, scene.total - 10).missing).toEqual(bytesFrom(scene.total - 10, 10));
  });

  test("refuses a start that can't be noted at all", () => {
    const scene = open();
    scene.file.writeError = new Error("EIO");
    expect(() => scene.starts()).toThrow("EIO");
    expect(readJournal(scene.file, 0).started).toBe(0);
  });

  test("can't be made where there is no room", () => {
    const scene = new JournalScene();
    scene.file.isFull = true;
    expect(() => scene.open()).toThrow("ENOSPC");
  });

  test("writes nothing to keep where nothing is new, or all has left", () => {
    const scene = open();
    scene.append(10);
    scene.keep();
    scene.file.writeError = new Error("it writes");
    scene.keep();
    scene.append(10);
    scene.send(20);
    scene.keep();
    scene.append(5);
    expect(() => scene.keep()).toThrow("it writes");
  });
});

describe("a journal that is mapped", () => {
  test("is from then on kept by stores alone", () => {
    const scene = open({ isMapped: true });
    scene.file.writeError = new Error("it writes");
    scene.append(20);
    scene.starts();
    scene.keep();
    expect(scene.fault(scene.total - 20)).toBeUndefined();
    expect(scene.journal?.capacity).toBe(KEPT_BYTES);
  });

  test("stays in its log where the file can't be mapped, or has no room on its disk", () => {
    for (const why of ["no mapping", "no room"]) {
      const scene = new JournalScene();
      file = why === "no room" ? scene.file : undefined;
      scene.open();
      scene.file.isFull = why === "no room";
      for (let n = 0; n < MAPPED_AFTER + 10; n++) {
        scene.append(9);
        scene.starts();
      }
      expect([scene.isMapped, scene.fault(scene.total - 9)]).toEqual([false, undefined]);
    }
  });

  test("holds in its log until it says that the memory holds", () => {
    const scene = open({ isMapped: true });
    const form = new Uint32Array(scene.file.map(RING_AT), 4, 1);
    expect(form[0]).toBe(bigEndian(Form.Ring));
    form[0] = Form.Log;
    expect(readJournal(scene.file, 0)).toMatchObject({ started: MAPPED_AFTER, missing: undefined });
  });

  test("has what was written before it was", () => {
    const scene = new JournalScene();
    file = scene.file;
    scene.open();
    scene.append(70_000);
    scene.send(70_000);
    for (let n = 0; n < MAPPED_AFTER; n++) scene.starts();
    expect([scene.isMapped, scene.fault(scene.total - KEPT_BYTES)]).toEqual([true, undefined]);
  });

  /** A copy is no single step: somebody may look, or the worker may die, in the middle of it. */
  test.each(some([1, 50, 95, 96, 500, KEPT_BYTES, KEPT_BYTES + 1, 50_000, 80_000, 96_000, 131_072, 200_000]))(
    "never gives a wrong byte while %i more are copied into it",
    (length) => {
      for (const unread of [1, 1_000, KEPT_BYTES]) {
        for (const offset of [0, RING_BYTES - 40, RING_BYTES - 20_000]) {
          const scene = open({ isMapped: true, base: 2 ** 32 - RING_BYTES + offset });
          scene.append(RING_BYTES);
          const faults: unknown[] = [];
          const look = () => faults.push(scene.fault(scene.total - unread));
          const ring = new Uint8Array(scene.file.map(RING_AT + RING_BYTES), RING_AT, RING_BYTES);
          scene.safe = length > KEPT_BYTES ? undefined : scene.safe;
          scene.append(length, (bytes, at) => copiedSlowly(bytes, at, ring, look));
          look();
          expect(faults.length).toBeGreaterThan(1);
          expect(faults.filter((fault) => fault !== undefined)).toEqual([]);
        }
      }
    },
  );
});

/** Bytes that are copied step by step, each of which somebody looks at. `at`: where in the channel the first of them is. */
function copiedSlowly(bytes: Uint8Array, at: number, ring: Uint8Array, look: () => void): Uint8Array {
  return new Proxy(bytes, {
    get: (target, key) => {
      if (key === "subarray") {
        return (from: number, to: number) => {
          for (const share of [0, 0.5, 1]) {
            const copied = Math.floor((to - from) * share);
            for (let i = from; i < from + copied; i++) ring[(at + i) % RING_BYTES] = target[i] as number;
            look();
          }
          return target.subarray(from, to);
        };
      }
      if (typeof key === "string" && /^\d+$/.test(key)) look();
      return Reflect.get(target, key, target);
    },
  });
}
