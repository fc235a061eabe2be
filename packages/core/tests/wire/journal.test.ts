/** Reading a journal whose bytes are made here, from the layout in docs/protocol.md alone. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type JournalFile, NOTHING_STARTED, readJournal } from "../../src/wire/journal.ts";
import { FakeFile } from "../support/fake-files.ts";

const ALL = 0xffffffff;
const RING_AT = 4_096;
const RING_BYTES = 65_536;
const KEPT_BYTES = 32_768;
const SEGMENT_BYTES = 65_536;
const SEGMENTS_AT = [69_632, 69_632 + SEGMENT_BYTES] as const;

const numbers = (...values: number[]) => {
  const bytes = new Uint8Array(values.length * 4);
  values.forEach((value, i) => {
    new DataView(bytes.buffer).setUint32(i * 4, value);
  });
  return bytes;
};

/** FNV-1a. */
function checkOf(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}

const joined = (...parts: Uint8Array[]) => Uint8Array.from(parts.flatMap((part) => [...part]));

interface Entry {
  readonly turn: number;
  readonly started: number;
  readonly count: number;
  readonly bytes: Uint8Array;
  readonly length?: number;
}

function entryBytes({ turn, started, count, bytes, length = bytes.length }: Entry): Uint8Array {
  const checked = joined(numbers(turn, started, count, length), bytes);
  return joined(numbers(checkOf(checked)), checked);
}

function fileOf(...parts: readonly (readonly [at: number, bytes: Uint8Array])[]): FakeFile {
  const file = new FakeFile();
  for (const [at, bytes] of parts) file.write(bytes, at);
  return file;
}

/** Each segment: its entries, one behind the other. */
const withLog = (...segments: (readonly Entry[])[]) =>
  fileOf(
    [0, numbers(ALL, 0, 0)],
    ...segments.map((entries, i) => [SEGMENTS_AT[i] as number, joined(...entries.map(entryBytes))] as const),
  );

/** Bytes of the channel, from position `from` of it on, as they lie in a ring. */
function ringFile(started: number, count: number, kept: number): FakeFile {
  const file = fileOf([0, numbers(started, 1, count % 2 ** 32)], [RING_AT, new Uint8Array(RING_BYTES)]);
  for (let at = count - kept; at < count; at++) {
    file.write(Uint8Array.of(channelByte(at)), RING_AT + (at % RING_BYTES));
  }
  return file;
}

const channelByte = (at: number) => (at * 7 + Math.floor(at / 251)) & 0xff;
const channelBytes = (from: number, to: number) =>
  Uint8Array.from({ length: to - from }, (_, i) => channelByte(from + i));

describe("a journal that keeps only the number of the last start", () => {
  test("gives it back, big-endian", () => {
    expect(readJournal(fileOf([0, Uint8Array.of(0, 0, 1, 2)]), 0)).toMatchObject({
      started: 258,
      missing: undefined,
    });
    fc.assert(
      fc.property(fc.nat(ALL), fc.nat(ALL), (started, received) => {
        expect(readJournal(fileOf([0, numbers(started)]), received)).toMatchObject({
          started,
          missing: undefined,
        });
      }),
    );
  });

  test("that is fresh says that nothing was started", () => {
    expect(readJournal(fileOf([0, numbers(NOTHING_STARTED)]), 0).started).toBe(0);
  });

  test.each<[string, JournalFile]>([
    ["is empty", new FakeFile()],
    ["is cut off", fileOf([0, new Uint8Array(3)])],
    ["can't be read", { read: () => 0 }],
    ["is read with an error's number", { read: () => -1 }],
  ])("that %s counts every task as started, so that none is run twice", (_, file) => {
    expect(readJournal(file, 0)).toMatchObject({ started: ALL, missing: undefined });
  });
});

describe("whoever has not all of it is told so where the rest is not known", () => {
  const entry: Entry = { turn: 5, started: 9, count: 100, bytes: channelBytes(90, 100) };
  const log = withLog([entry]);
  const ring = ringFile(9, 100_000, 1_000);

  test.each<[string, JournalFile, number, boolean]>([
    ["all of the log", log, 100, false],
    ["what is kept in the log", log, 90, false],
    ["more than the log knows of, as it was written since", log, 140, false],
    ["less than is kept in the log", log, 89, true],
    ["nothing of the log", log, 0, true],
    ["all of the ring", ring, 100_000, false],
    ["what is kept in the ring", ring, 100_000 - KEPT_BYTES, false],
    ["less than is kept in the ring", ring, 100_000 - KEPT_BYTES - 1, true],
    ["nothing of the ring", ring, 0, true],
    ["anything, of one that keeps only the last start", fileOf([0, numbers(7)]), 3, false],
    ["anything, of one that is not there", new FakeFile(), 3, false],
    ["anything, of one whose log is torn", withLog([{ ...entry, length: 3 }]), 3, false],
  ])("who has %s", (_, file, received, isBehind) => {
    expect(readJournal(file, received).isBehind).toBe(isBehind);
  });
});

describe("the log", () => {
  const first: Entry = { turn: 4, started: 7, count: 100, bytes: Uint8Array.of(1, 2, 3) };
  const next: Entry = { turn: 5, started: 9, count: 104, bytes: Uint8Array.of(4, 5, 6, 7) };
  const all = joined(first.bytes, next.bytes);
  /** As the first of another segment, with all that has not left. */
  const anew: Entry = { turn: 5, started: 9, count: 104, bytes: Uint8Array.of(2, 3, 4, 5, 6, 7) };

  test("is what its entries say together, up to the last", () => {
    const file = withLog([first, next]);
    expect(readJournal(file, 97)).toMatchObject({ started: 9, missing: all });
    expect(readJournal(file, 99).missing).toEqual(all.subarray(2));
    expect(readJournal(file, 102).missing).toEqual(Uint8Array.of(6, 7));
    expect(readJournal(withLog([first, { ...next, count: 100, bytes: new Uint8Array() }]), 97)).toMatchObject(
      {
        started: 9,
        missing: first.bytes,
      },
    );
  });

  test("ends before what is no next entry: an older one, one that comes twice", () => {
    for (const turn of [3, 4, 6, ALL]) {
      expect(readJournal(withLog([first, { ...next, turn }]), 97)).toMatchObject({
        started: 7,
        missing: first.bytes,
      });
    }
  });

  test("gives nothing from before a gap: that had left", () => {
    const file = withLog([first, { ...next, count: 105 }]);
    expect(readJournal(file, 101)).toMatchObject({ started: 9, missing: next.bytes });
    expect(readJournal(file, 100)).toMatchObject({ started: 9, missing: undefined, isBehind: true });
  });

  test.each([
    ["first", [[anew], [first]]],
    ["second", [[first], [anew]]],
  ])("is the segment that was begun later, wherever it is: %s", (_, segments) => {
    expect(readJournal(withLog(...segments), 98)).toMatchObject({ started: 9, missing: anew.bytes });
  });

  test("goes on over 2³² turns", () => {
    const last = { ...first, turn: ALL };
    expect(readJournal(withLog([last, { ...next, turn: 0 }]), 97)).toMatchObject({
      started: 9,
      missing: all,
    });
    for (const segments of [
      [[last], [{ ...anew, turn: 0 }]],
      [[{ ...anew, turn: 0 }], [last]],
    ])
      expect(readJournal(withLog(...segments), 98).started).toBe(9);
  });

  test.each([
    [96, "misses more than is there"],
    [104, "has it all"],
    [105, "has more by now"],
    [ALL, "is far off"],
  ])("has nothing for who has received %i bytes, and so %s", (received) => {
    expect(readJournal(withLog([first, next]), received)).toMatchObject({ started: 9, missing: undefined });
  });

  test("does not hold what was not written to its end: any bit of an entry tells", () => {
    const whole = entryBytes(anew);
    for (let at = 0; at < whole.length; at++) {
      const torn = whole.slice();
      torn[at] = (torn[at] as number) ^ 0x10;
      const segment = withLog([first]);
      segment.write(torn, SEGMENTS_AT[0] + entryBytes(first).length);
      const other = withLog([first]);
      other.write(torn, SEGMENTS_AT[1]);
      for (const file of [segment, other]) {
        expect(readJournal(file, 97)).toMatchObject({ started: 7, missing: first.bytes });
      }
    }
  });

  test("that is torn in both segments, or never was, leaves every task as started", () => {
    expect(readJournal(withLog(), 0)).toMatchObject({ started: ALL, missing: undefined });
    const torn = withLog([{ ...first, length: 2 }], [{ ...anew, length: 90 }]);
    expect(readJournal(torn, 98)).toMatchObject({ started: ALL, missing: undefined });
  });

  test("is not believed an entry that is longer than it may be, or goes beyond its segment", () => {
    const bytes = new Uint8Array(KEPT_BYTES + 1);
    expect(readJournal(withLog([{ ...first, bytes }]), 98).started).toBe(ALL);
    const most = { ...first, count: KEPT_BYTES, bytes: bytes.subarray(1) };
    expect(readJournal(withLog([most]), 0).missing).toHaveLength(KEPT_BYTES);
    const beyond = { ...most, turn: 5, started: 9, count: 2 * KEPT_BYTES };
    expect(readJournal(withLog([most, beyond]), 0).started).toBe(7);
    const fits = { ...beyond, count: 2 * KEPT_BYTES - 40, bytes: bytes.subarray(41) };
    expect(readJournal(withLog([most, fits]), 0).missing).toHaveLength(2 * KEPT_BYTES - 40);
  });
});

describe("the ring", () => {
  test("gives what lies between what was received and what was written, also over its end and over 2³²", () => {
    for (const count of [500, RING_BYTES, RING_BYTES + 40, 2 ** 32 + 60]) {
      const file = ringFile(3, count, 200);
      for (const missing of [1, 59, 60, 61, 200]) {
        const received = (count - missing) % 2 ** 32;
        expect(readJournal(file, received)).toMatchObject({
          started: 3,
          missing: channelBytes(count - missing, count),
        });
      }
      expect(readJournal(file, count % 2 ** 32)).toMatchObject({ started: 3, missing: undefined });
    }
  });

  test("has nothing for who misses more than is kept, or has received more than was written", () => {
    const count = 100_000;
    const file = ringFile(3, count, KEPT_BYTES);
    expect(readJournal(file, count - KEPT_BYTES).missing).toHaveLength(KEPT_BYTES);
    for (const received of [count - KEPT_BYTES - 1, count - RING_BYTES, 0, count + 1, ALL]) {
      expect(readJournal(file, received)).toMatchObject({ started: 3, missing: undefined });
    }
  });

  test("has nothing for who is overtaken by its worker while it reads", () => {
    const count = 100_000;
    const file = ringFile(3, count, 1_000);
    for (const [further, isIntact] of [
      [KEPT_BYTES - 1_000, true],
      [KEPT_BYTES - 999, false],
    ] as const) {
      let reads = 0;
      const racing: JournalFile = {
        read: (bytes, at) => {
          if (reads++ === 1) file.write(numbers(count + further), 8);
          return file.read(bytes, at);
        },
      };
      file.write(numbers(count), 8);
      expect(readJournal(racing, count - 1_000).missing !== undefined).toBe(isIntact);
    }
  });

  test("that was cut off, wherever, gives no byte that was not written", () => {
    const count = RING_BYTES + 300;
    for (let length = 0; length < RING_AT + RING_BYTES; length += length < 20 ? 1 : 97) {
      const file = ringFile(3, count, 1_000);
      file.truncate(length);
      for (const missing of [10, 299, 300, 301, 1_000]) {
        const found = readJournal(file, count - missing);
        expect(found.started).toBe(length < 4 ? ALL : 3);
        if (found.missing !== undefined) expect(found.missing).toEqual(channelBytes(count - missing, count));
      }
    }
  });
});

test("whatever a journal holds, it is read without an error, and in its bounds", () => {
  const number = fc.oneof(fc.nat(20), fc.nat(ALL), fc.constantFrom(ALL, KEPT_BYTES, KEPT_BYTES + 1));
  const part = fc.tuple(
    fc.constantFrom(0, 4, 8, RING_AT, ...SEGMENTS_AT, SEGMENTS_AT[0] + 16),
    fc.oneof(
      fc.array(number, { maxLength: 6 }).map((values) => numbers(...values)),
      fc.uint8Array({ maxLength: 60 }),
    ),
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 6 }), number, (parts, received) => {
      const { started, missing } = readJournal(fileOf(...parts), received);
      expect(started >= 0 && started <= ALL).toBe(true);
      expect(missing === undefined || (missing.length > 0 && missing.length <= SEGMENT_BYTES)).toBe(true);
    }),
  );
});
