/** Turns valid input into invalid: flipped bytes, false lengths, pieces of other inputs, and JSON of another shape. */
import { FRAME_HEADER, joined, VALUE_HEADER } from "./bytes.ts";
import { mutateJson } from "./mutate-json.ts";
import type { Random } from "./random.ts";

/** Inputs stay below this size: the time limits are for such inputs. */
const MAX_INPUT_BYTES = 64 * 1024 - 1;

const BYTES = [0, 1, 2, 3, 4, 5, 9, 0x22, 0x5b, 0x7b, 0x7f, 0x80, 0xc0, 0xff];
const LENGTHS = [0, 1, 4, 5, 0x7f, 0xff, 0xffff, 0x10000, 2 ** 24, 2 ** 26, 2 ** 30, 2 ** 31, 2 ** 32 - 1];

type Mutation = (bytes: Uint8Array, random: Random, others: readonly Uint8Array[]) => Uint8Array;

const anywhere: readonly Mutation[] = [
  (bytes, random) => changed(bytes, random, (byte) => byte ^ (1 << random.below(8))),
  (bytes, random) => changed(bytes, random, () => random.pick(BYTES)),
  (bytes, random) => changed(bytes, random, () => random.below(256)),
  (bytes, random) => bytes.slice(0, random.below(bytes.length + 1)),
  (bytes, random) => {
    const [start, end] = span(bytes, random);
    return joined([bytes.subarray(0, start), bytes.subarray(end)]);
  },
  (bytes, random) => {
    const at = random.below(bytes.length + 1);
    return joined([bytes.subarray(0, at), random.bytes(random.below(16)), bytes.subarray(at)]);
  },
  (bytes, random) => {
    const [start, end] = span(bytes, random);
    const piece = bytes.subarray(start, end);
    const times = random.once(4) ? random.below(200) : 2;
    return joined([
      bytes.subarray(0, end),
      ...Array.from({ length: times }, () => piece),
      bytes.subarray(end),
    ]);
  },
  (bytes, random, others) => {
    const other = random.pick(others);
    const [start, end] = span(other, random);
    const at = random.below(bytes.length + 1);
    return joined([bytes.subarray(0, at), other.subarray(start, end), bytes.subarray(at)]);
  },
  (bytes, random) => lengthAt(bytes, random.below(bytes.length), random),
];

export function mutateValue(payload: Uint8Array, random: Random, others: readonly Uint8Array[]): Uint8Array {
  return repeatedly(payload, random, others, (bytes) => {
    switch (random.below(4)) {
      case 0:
        return random.pick(anywhere)(bytes, random, others);
      case 1:
        return lengthAt(bytes, 1, random);
      default:
        return (
          withText(bytes, (text) => mutateJson(text, random)) ?? random.pick(anywhere)(bytes, random, others)
        );
    }
  });
}

/** Frames of a worker's types, whose numbers are those of calls and whose payloads are anything: what each means to the others. */
export function hostileFrames(random: Random, values: readonly Uint8Array[]): Uint8Array {
  return joined(
    Array.from({ length: 1 + random.below(40) }, () => {
      const type = random.once(16) ? random.below(256) : 17 + random.below(14);
      const prefix = random.bytes(random.pick([0, 0, 1, 4, 5]));
      const value = random.once(2) ? random.pick(values) : new Uint8Array(0);
      const header = new Uint8Array(FRAME_HEADER);
      const view = new DataView(header.buffer);
      const length = prefix.length + value.length + FRAME_HEADER - 4;
      view.setUint32(0, random.once(32) ? random.pick(LENGTHS) : length);
      view.setUint8(4, type);
      view.setUint32(5, random.once(8) ? random.pick(LENGTHS) : random.below(7));
      return joined([header, prefix, value]);
    }),
  ).subarray(0, MAX_INPUT_BYTES);
}

export function mutateFrames(frames: Uint8Array, random: Random, others: readonly Uint8Array[]): Uint8Array {
  return repeatedly(frames, random, others, (bytes) => {
    const list = cutFrames(bytes);
    if (list.length === 0 || random.once(4)) return random.pick(anywhere)(bytes, random, others);
    const at = random.below(list.length);
    list[at] = mutateFrame(list[at] as Uint8Array, random, others);
    const copy = random.pick(list);
    switch (random.below(6)) {
      case 0:
        list.splice(at, 1);
        break;
      case 1:
        list.splice(
          random.below(list.length + 1),
          0,
          ...Array.from({ length: 1 + random.below(40) }, () => copy),
        );
        break;
      case 2:
        list.push(random.pick(others));
        break;
    }
    return joined(list);
  });
}

function mutateFrame(frame: Uint8Array, random: Random, others: readonly Uint8Array[]): Uint8Array {
  const header = frame.slice(0, FRAME_HEADER);
  let payload = frame.subarray(FRAME_HEADER);
  switch (random.below(5)) {
    case 0:
      header[4] = random.once(2) ? 14 + random.below(18) : random.below(256);
      break;
    case 1:
      new DataView(header.buffer).setUint32(5, random.once(2) ? random.below(8) : random.pick(LENGTHS));
      break;
    case 2:
      return joined([lengthAt(header, 0, random), payload]);
    case 3:
      payload = random.pick(anywhere)(payload, random, others);
      break;
    default: {
      const start =
        [0, 4, 1].find((from) => (payload[from] ?? 9) <= 3 && payload.length >= from + VALUE_HEADER) ?? 0;
      const value = withText(payload.subarray(start), (text) => mutateJson(text, random));
      if (value !== undefined) payload = joined([payload.subarray(0, start), value]);
    }
  }
  new DataView(header.buffer).setUint32(0, payload.length + FRAME_HEADER - 4); // complete, so that its content is read
  return joined([header, payload]);
}

function repeatedly(
  bytes: Uint8Array,
  random: Random,
  others: readonly Uint8Array[],
  once: (bytes: Uint8Array) => Uint8Array,
): Uint8Array {
  let result = bytes;
  for (let left = 1 + random.below(5); left > 0; left--)
    result = once(result.length === 0 ? random.pick(others) : result);
  return result.subarray(0, MAX_INPUT_BYTES);
}

/** The value with another text and its correct length; undefined if it has none. */
function withText(value: Uint8Array, change: (text: string) => string): Uint8Array | undefined {
  if (value.length < VALUE_HEADER) return undefined;
  const end = VALUE_HEADER + new DataView(value.buffer, value.byteOffset).getUint32(1);
  if (end > value.length) return undefined;
  const text = new TextEncoder().encode(change(new TextDecoder().decode(value.subarray(VALUE_HEADER, end))));
  const header = value.slice(0, VALUE_HEADER);
  new DataView(header.buffer).setUint32(1, text.length);
  return joined([header, text, value.subarray(end)]);
}

/** Cuts as far as the lengths are valid. */
function cutFrames(bytes: Uint8Array): Uint8Array[] {
  const frames: Uint8Array[] = [];
  for (let at = 0; at + FRAME_HEADER <= bytes.length; ) {
    const end = at + 4 + new DataView(bytes.buffer, bytes.byteOffset).getUint32(at);
    if (end > bytes.length || end < at + FRAME_HEADER) break;
    frames.push(bytes.subarray(at, end));
    at = end;
  }
  return frames;
}

function changed(bytes: Uint8Array, random: Random, change: (byte: number) => number): Uint8Array {
  const copy = bytes.slice();
  const at = random.below(copy.length);
  if (copy.length > 0) copy[at] = change(copy[at] as number);
  return copy;
}

function lengthAt(bytes: Uint8Array, at: number, random: Random): Uint8Array {
  const copy = bytes.slice();
  if (at + 4 > copy.length) return copy;
  const view = new DataView(copy.buffer);
  const near = view.getUint32(at) + random.below(5) - 2;
  view.setUint32(at, random.once(2) ? near : random.pick(LENGTHS));
  return copy;
}

function span(bytes: Uint8Array, random: Random): readonly [start: number, end: number] {
  const start = random.below(bytes.length + 1);
  return [
    start,
    start + random.below(Math.min(bytes.length - start, random.once(3) ? bytes.length : 16) + 1),
  ];
}
