/**
 * Value to bytes and back: picks the cheapest encoding that loses nothing. Owns the choice and the value
 * header; the graph itself is in graph-encode.ts and graph-decode.ts.
 *
 *     u8  kind     ValueKind
 *     u32 length   of the text, big-endian
 *     ... text     UTF-8
 *     ... the raw bytes of the value's buffers, one after another; the text says where each begins
 */
import { bare } from "../bare.ts";
import { PoolError, ProtocolError, SerializationError } from "../errors.ts";
import { checkDepth } from "./depth.ts";
import { MAX_FRAME_BYTES, type Unsendable } from "./frame.ts";
import { decodeGraph } from "./graph-decode.ts";
import { encodeGraph } from "./graph-encode.ts";
import { readUint32, writeUint32 } from "./integers.ts";
import { type Survey, surveyArguments, surveyJson } from "./json-safe.ts";
import { malformed } from "./malformed.ts";
import { letGo } from "./snapshot.ts";
import { readLongText } from "./text.ts";
import { LONG_TEXT, textSize } from "./text-size.ts";

const ValueKind = { Undefined: 0, Json: 1, Graph: 2, SharingGraph: 3 } as const;

/** A value as it waits in the queue: a snapshot, so that changing the value later changes nothing. */
export interface EncodedValue {
  readonly kind: number;
  readonly text: string;
  /** The raw bytes of its buffers; undefined when it has none. */
  readonly attachments: readonly Uint8Array[] | undefined;
  /** The shared buffers it names: holding this holds them, so that the receiver finds them. */
  readonly shared: readonly ArrayBuffer[] | undefined;
}

export const VALUE_HEADER_BYTES = 5;

const UNDEFINED: EncodedValue = {
  kind: ValueKind.Undefined,
  text: "",
  attachments: undefined,
  shared: undefined,
};

/**
 * @param root The value's name in an error, for example `args`.
 * @throws SerializationError with the path of the part that can't be sent.
 */
export function encode(value: unknown, root: string): EncodedValue {
  return value === undefined ? UNDEFINED : encodeBy(surveyJson, value, root);
}

/**
 * The same for the arguments of a call.
 *
 * @throws SerializationError
 */
export function encodeArguments(args: readonly unknown[]): EncodedValue {
  return encodeBy(surveyArguments, args, "args");
}

function encodeBy<T>(surveyOf: (value: T) => Survey | undefined, value: T, root: string): EncodedValue {
  try {
    return withinFrame(encodeAs(surveyOf(value), value, root), root);
  } catch (error) {
    if (error instanceof SerializationError) throw error;
    if (error instanceof RangeError) throwIfLong(value, root, error);
    // A getter or a Proxy of the caller's threw.
    throw new SerializationError(`Cannot send \`${root}\`: reading it threw`, { path: root, cause: error });
  }
}

function encodeAs(survey: Survey | undefined, value: unknown, root: string): EncodedValue {
  if (survey === undefined) return toGraph(value, root, "strict");
  if (isMostlyText(survey)) return toGraph(Array.isArray(value) ? elementsOf(value) : value, root, "strict");
  return { kind: ValueKind.Json, text: JSON.stringify(value), attachments: undefined, shared: undefined };
}

/** What else a list has is none of a call's arguments, and other lists that are safe have nothing else. */
const elementsOf = (list: readonly unknown[]): unknown[] =>
  Array.from({ length: list.length }, (_, i) => list[i]);

/** So many objects and arrays for each long text at most: the graph takes longer over them than JSON does. */
const OBJECTS_PER_LONG_TEXT = 16;

function isMostlyText({ objects, longTexts }: Survey): boolean {
  return objects <= longTexts * OBJECTS_PER_LONG_TEXT && longTexts > 0;
}

/**
 * The same value for a worker that reads nothing but JSON; undefined if JSON would change it.
 *
 * @throws SerializationError when it is too long as JSON, and what reading the value throws.
 */
export function inJson(encoded: EncodedValue, root: string): EncodedValue | undefined {
  if (isJson(encoded)) return encoded;
  if (encoded.kind !== ValueKind.Graph || !encoded.text.includes('["long",')) return undefined;
  const copies = (encoded.attachments ?? []).map((bytes) => bytes.slice()); // they may be sent to another worker yet
  const whole = encodeBy(surveyAsOneText, decodeGraph(encoded.text, NO_BYTES, copies), root);
  return isJson(whole) ? whole : undefined;
}

function surveyAsOneText(value: unknown): Survey | undefined {
  const survey = surveyJson(value);
  return survey === undefined ? undefined : { objects: survey.objects, longTexts: 0 };
}

const NO_BYTES = new Uint8Array(0);

function throwIfLong(value: unknown, root: string, cause: RangeError): void {
  let size = 0;
  try {
    size = textSize(value);
  } catch {
    return;
  }
  if (size < LONG_TEXT) return;
  throw new SerializationError(
    `Cannot send \`${root}\`: expected a text that one string can hold (${cause.message}), received at least ${size} ` +
      "characters; send it in parts, as bytes, or pass the path of a file",
    { path: root, cause },
  );
}

/**
 * Encodes what a task threw. Never fails: a part that can't be sent is replaced by a text that says so, because an
 * error with a hole in it is worth more than an error about an error.
 */
export function encodeThrown(thrown: unknown): EncodedValue {
  try {
    return withinFrame(toGraph(thrown, "error", "lenient"), "error");
  } catch {
    return encode(
      new Error("A task threw something that can't be sent: too large, or reading it threw"),
      "error",
    );
  }
}

/** What the other side is told about a value that `encode` rejected. */
export function toUnsendable(error: unknown): Unsendable {
  const { message, path } = error as SerializationError;
  return { message, path };
}

/** The error of an Unsendable, or one that says that it was malformed. Never throws. */
export function fromUnsendable(told: unknown): PoolError {
  const { message, path } = bare(
    (typeof told === "object" && told !== null ? told : {}) as Partial<Unsendable>,
  );
  if (typeof message !== "string" || typeof path !== "string") {
    return malformed("the message and the path of what can't be sent", told);
  }
  return new SerializationError(message, { path });
}

/**
 * @param payload Holds the value from `at` to its end; copied where the value keeps bytes.
 * @param attached The value's buffers, if they came in their own frames; the value keeps them.
 * @throws ProtocolError when the bytes are not a value; SerializationError when this runtime can't represent it.
 */
export function decode(payload: Uint8Array, at = 0, attached?: readonly Uint8Array[]): unknown {
  try {
    return read(payload, at, attached);
  } catch (error) {
    if (error instanceof PoolError) throw error;
    // From JSON.parse, or from a constructor: its message helps the author of the sender.
    throw new ProtocolError("Expected a value that this runtime can read", { cause: error });
  }
}

function read(payload: Uint8Array, at: number, attached: readonly Uint8Array[] | undefined): unknown {
  const kind = payload[at];
  const textStart = at + VALUE_HEADER_BYTES;
  const textEnd = textStart + readUint32(payload, at + 1);
  if (!(textEnd <= payload.length)) {
    throw new ProtocolError(`Expected a value of ${textEnd - at} bytes, received ${payload.length - at}`);
  }
  switch (kind) {
    case ValueKind.Undefined:
      if (textEnd === textStart) endOf(payload, textEnd, attached);
      else throw malformed("no text in a value that is undefined", textEnd - textStart);
      return undefined;
    case ValueKind.Json:
      endOf(payload, textEnd, attached);
      checkDepth(payload, textStart, textEnd);
      return JSON.parse(readLongText(payload, textStart, textEnd));
    case ValueKind.Graph:
    case ValueKind.SharingGraph:
      checkDepth(payload, textStart, textEnd);
      return decodeGraph(readLongText(payload, textStart, textEnd), payload.subarray(textEnd), attached);
    default:
      throw malformed("a value of kind 0, 1, 2 or 3", kind);
  }
}

/** Rejects bytes after the value, and buffers before it. */
function endOf(payload: Uint8Array, end: number, attached: readonly Uint8Array[] | undefined): void {
  if (payload.length !== end)
    throw malformed(`a value of ${end} bytes with nothing behind it`, payload.length);
  if (attached !== undefined) throw malformed("no buffers with a value that has none", attached.length);
}

/** Frees its bytes: they have been sent, and will not be sent again. */
export function letGoOf({ attachments }: EncodedValue): void {
  if (attachments !== undefined) for (const bytes of attachments) letGo(bytes);
}

export function writeValueHeader(buffer: Uint8Array, at: number, kind: number, textBytes: number): void {
  buffer[at] = kind;
  writeUint32(buffer, at + 1, textBytes);
}

/** Whether a worker that reads only JSON can take the value. */
export function isJson(value: EncodedValue): boolean {
  return value.kind === ValueKind.Json;
}

/** Whether the value at this offset of a payload is of a kind that a JSON worker does not write. */
export function isBeyondJson(payload: Uint8Array, at: number): boolean {
  return (payload[at] ?? 0) > ValueKind.Json;
}

/** Whether the value at this offset of a payload names shared memory. */
export function isSharing(payload: Uint8Array, at: number): boolean {
  return payload[at] === ValueKind.SharingGraph;
}

function toGraph(value: unknown, root: string, mode: "strict" | "lenient"): EncodedValue {
  const { text, attachments, shared } = encodeGraph(value, root, mode);
  const kind = shared === undefined ? ValueKind.Graph : ValueKind.SharingGraph;
  return { kind, text, attachments, shared };
}

function withinFrame(encoded: EncodedValue, root: string): EncodedValue {
  let bytes = encoded.text.length;
  for (const attachment of encoded.attachments ?? []) bytes += attachment.length;
  // UTF-8 takes at most three bytes per unit, so the exact size is counted only near the limit.
  if (bytes * 3 > MAX_FRAME_BYTES) {
    bytes += new TextEncoder().encode(encoded.text).length - encoded.text.length;
    if (bytes > MAX_FRAME_BYTES - 64) {
      throw new SerializationError(
        `Cannot send \`${root}\`: expected at most ${MAX_FRAME_BYTES} bytes, received ${bytes}; ` +
          "send it in parts, or pass the path of a file",
        { path: root },
      );
    }
  }
  return encoded;
}
