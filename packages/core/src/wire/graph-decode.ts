/**
 * The inverse of graph-encode.ts. Reads what another process wrote, so it trusts nothing: a table that no encoder
 * would write is a ProtocolError, no key reaches a prototype, and no length allocates more memory than the bytes that
 * came with it (graph-limits.ts has the exceptions).
 */
import { bare, propertyOf } from "../bare.ts";
import { SerializationError } from "../errors.ts";
import { receive } from "../memory/process-memory.ts";
import { isHandle } from "../memory/segment.ts";
import { bigintOf } from "./bigints.ts";
import { emptyError, isErrorClass, makeQuotaError } from "./error-classes.ts";
import { AttachedBuffers, type Buffers, InlineBuffers } from "./graph-buffers.ts";
import { MAX_PATTERN_UNITS, MAX_RESERVED_BYTES, patternUnits, RESIZABLE_BYTES } from "./graph-limits.ts";
import { KeyTime } from "./key-time.ts";
import { kindOf } from "./kind-of.ts";
import { textOfBytes } from "./long-text.ts";
import { integer, malformed, text } from "./malformed.ts";

type Node = readonly unknown[];

/**
 * @param bytes The bytes after the text: the buffers, one after another.
 * @param attached Alternatively each buffer by itself, for the value to keep.
 */
export function decodeGraph(json: string, bytes: Uint8Array, attached?: readonly Uint8Array[]): unknown {
  const table: unknown = JSON.parse(json);
  if (!Array.isArray(table) || table.length === 0) throw malformed("a table of nodes", table);
  const buffers = attached === undefined ? new InlineBuffers(bytes) : new AttachedBuffers(attached);
  return new GraphDecoder(table, buffers).decode();
}

class GraphDecoder {
  readonly #table: Node;
  readonly #buffers: Buffers;
  readonly #values: unknown[];
  readonly #keyTime = new KeyTime();
  #reservedBytes = 0;
  #patternUnits = 0;

  constructor(table: Node, buffers: Buffers) {
    this.#table = table;
    this.#buffers = buffers;
    this.#values = new Array(table.length);
  }

  /** Buffers first, since views need them; then every object, empty; then their contents, which refer to others. */
  decode(): unknown {
    for (let place = 1; place < this.#table.length; place++) {
      const node = this.#node(place);
      if (node[0] === "buffer") this.#values[place] = this.#buffer(node);
      else if (node[0] === "shared") this.#values[place] = receiveShared(node);
      else if (node[0] === "text") this.#values[place] = text(node[1]); // may stand in for a buffer
    }
    for (let place = 1; place < this.#table.length; place++) {
      if (this.#values[place] === undefined) this.#values[place] = this.#shell(this.#node(place));
    }
    for (let place = 1; place < this.#table.length; place++) this.#fill(place);
    return this.#resolve(this.#table[0]);
  }

  #node(place: number): Node {
    const node = this.#table[place];
    if (!Array.isArray(node)) throw malformed("a node", node);
    return node;
  }

  /** A node's object, still without its contents. */
  #shell(node: Node): unknown {
    switch (node[0]) {
      case "object":
        return {};
      case "array":
        return new Array(node.length - 1);
      case "sparse":
        return arrayOf(integer(node[1], MAX_ARRAY_LENGTH), (node.length - 2) / 2);
      case "map":
        return new Map();
      case "set":
        return new Set();
      case "date":
        return makeDate(node[1]);
      case "regexp":
        return this.#regExp(text(node[1]), text(node[2]));
      case "boxed":
        return this.#boxed(node[1]);
      case "error":
        if (!isErrorClass(node[1])) throw malformed("a built-in error class", node[1]);
        return emptyError(node[1]);
      case "exception":
        return withStack(new DOMException(text(node[2]), text(node[1])), node[3]);
      case "quota":
        return withStack(makeQuotaError(text(node[3]), amount(node[1]), amount(node[2])), node[4]);
      case "bytes":
        return makeView(node[1], this.#buffers.take(node[2], node[3]));
      case "view":
        return this.#view(node);
      default:
        throw malformed("a known node", node[0]);
    }
  }

  #fill(place: number): void {
    const node = this.#node(place);
    const value = this.#values[place];
    switch (node[0]) {
      case "object":
        this.#setPairs(value, node, 1);
        break;
      case "sparse":
        this.#setPairs(value, node, 2);
        if ((value as unknown[]).length !== node[1]) throw malformed("keys within the array", node[1]);
        break;
      case "array":
        for (let i = 1; i < node.length; i++) (value as unknown[])[i - 1] = this.#resolve(node[i]);
        break;
      case "map":
        inGroups(node, 1, 2);
        for (let i = 1; i < node.length; i += 2) {
          this.#keyTime.count();
          (value as Map<unknown, unknown>).set(this.#resolve(node[i]), this.#resolve(node[i + 1]));
        }
        break;
      case "set":
        for (let i = 1; i < node.length; i++) {
          this.#keyTime.count();
          (value as Set<unknown>).add(this.#resolve(node[i]));
        }
        break;
      case "error":
        this.#setProperties(value, node, 2);
        break;
      case "exception":
        this.#setProperties(value, node, 4);
        break;
      case "quota":
        this.#setProperties(value, node, 5);
        break;
    }
  }

  #setPairs(object: unknown, node: Node, from: number): void {
    inGroups(node, from, 2);
    for (let i = from; i < node.length; i += 2) set(object, node[i], this.#resolve(node[i + 1]));
  }

  #setProperties(object: unknown, node: Node, from: number): void {
    inGroups(node, from, 3);
    for (let i = from; i < node.length; i += 3) {
      set(object, node[i], this.#resolve(node[i + 2]), integer(node[i + 1], 1) === 1);
    }
  }

  #resolve(reference: unknown): unknown {
    if (!Array.isArray(reference)) {
      if (typeof reference === "object" && reference !== null) throw malformed("a reference", reference);
      return reference;
    }
    const [head, detail] = reference;
    if (typeof head === "number") {
      if (!(Number.isInteger(head) && head > 0 && head < this.#values.length)) {
        throw malformed("a place in the table", head);
      }
      return this.#values[head];
    }
    switch (head) {
      case "undefined":
        return undefined;
      case "number":
        return makeNumber(detail);
      case "bigint":
        return bigintOf(detail);
      case "long":
        return textOfBytes(this.#buffers.take(detail, reference[2]));
      default:
        throw malformed("a reference", head);
    }
  }

  #boxed(reference: unknown): unknown {
    const value =
      Array.isArray(reference) && typeof reference[0] === "number" ? null : this.#resolve(reference);
    if (value === undefined || value === null) throw malformed("a primitive to be boxed", reference);
    return Object(value);
  }

  #view([, name, reference, offset, length]: Node): unknown {
    const buffer = this.#resolve(reference);
    if (typeof buffer === "string") return buffer; // it stands in for a buffer that could not be sent
    if (!isArrayBuffer(buffer)) throw malformed("a view to lie on a buffer", reference);
    return makeView(name, buffer, integer(offset, buffer.byteLength), integer(length, buffer.byteLength));
  }

  #regExp(source: string, flags: string): RegExp {
    this.#patternUnits = integer(this.#patternUnits + patternUnits(source), MAX_PATTERN_UNITS);
    return new RegExp(source, flags);
  }

  #buffer(node: Node): ArrayBuffer {
    const bytes = this.#buffers.take(node[1], node[2]);
    if (node[3] === undefined) return bytes;
    const maxByteLength = integer(node[3], MAX_RESERVED_BYTES);
    this.#reservedBytes = integer(this.#reservedBytes + maxByteLength + RESIZABLE_BYTES, MAX_RESERVED_BYTES);
    const buffer = new (ArrayBuffer as new (length: number, options: object) => ArrayBuffer)(
      bytes.byteLength,
      { maxByteLength },
    );
    new Uint8Array(buffer).set(new Uint8Array(bytes));
    return buffer;
  }
}

function receiveShared([, id, bytes, pid, descriptor]: Node): ArrayBuffer {
  const handle = { id, bytes, pid, descriptor };
  if (!isHandle(handle)) throw malformed("the handle of shared memory", id);
  return receive(handle);
}

const MAX_ARRAY_LENGTH = 2 ** 32 - 1;
/** Up to this length, an array with holes is laid out like one without. */
const HOLES_PER_ELEMENT = 4;
const HOLES_AT_LEAST = 16;

/**
 * Allocates no memory for holes if there are many: `new Array(30_000_000)` takes 240 MB in each runtime, and a
 * message of twenty bytes can ask for it. An array that was longer once keeps no holes [measured].
 */
function arrayOf(length: number, elements: number): unknown[] {
  if (length <= elements * HOLES_PER_ELEMENT + HOLES_AT_LEAST) return new Array(length);
  const array: unknown[] = [];
  array.length = MAX_ARRAY_LENGTH;
  array.length = length;
  return array;
}

function makeDate(time: unknown): Date {
  if (time !== null && typeof time !== "number") throw malformed("the time of a date", time);
  return new Date(time ?? Number.NaN);
}

const NUMBERS: readonly unknown[] = ["NaN", "Infinity", "-Infinity", "-0"];

function makeNumber(word: unknown): number {
  if (!NUMBERS.includes(word)) throw malformed("the name of a number", word);
  return Number(word);
}

function isArrayBuffer(value: unknown): value is ArrayBuffer {
  return typeof value === "object" && value !== null && kindOf(value) === "ArrayBuffer";
}

/** A quota, or how much of it was asked for. */
function amount(value: unknown): number | null {
  if (value !== null && !(typeof value === "number" && value >= 0)) throw malformed("an amount", value);
  return value;
}

/** A stack from here would say nothing: it has the sender's, or none, as in Bun. */
function withStack(exception: DOMException, stack: unknown): DOMException {
  if (typeof stack === "string") set(exception, "stack", stack, false);
  else Reflect.deleteProperty(exception, "stack");
  return exception;
}

const VIEWS =
  /^(?:Uint8Array|Uint8ClampedArray|Int8Array|(?:Int|Uint|Float)(?:16|32)Array|Float64Array|Big(?:Int|Uint)64Array|DataView)$/;

function makeView(
  name: unknown,
  buffer: ArrayBuffer,
  offset = 0,
  bytes: number = buffer.byteLength,
): unknown {
  if (typeof name !== "string" || !VIEWS.test(name)) throw malformed("the name of a view", name);
  const View = propertyOf(globalThis, name) as ViewConstructor | undefined;
  if (View === undefined) {
    throw new SerializationError(`Cannot receive a ${name}: this runtime has none; send another typed array`);
  }
  const unit = View.BYTES_PER_ELEMENT ?? 1;
  if (bytes % unit !== 0 || offset % unit !== 0) throw malformed(`a ${name} of whole elements`, bytes);
  return new View(buffer, offset, bytes / unit);
}

type ViewConstructor = {
  new (buffer: ArrayBuffer, byteOffset: number, length: number): unknown;
  readonly BYTES_PER_ELEMENT?: number;
};

function inGroups(node: Node, from: number, size: number): void {
  if ((node.length - from) % size !== 0) throw malformed("a value for each key of a node", node[0]);
}

/** Assigns only what nothing answers to yet: a key such as `__proto__` is data like any other, and is defined. */
function set(object: unknown, key: unknown, value: unknown, enumerable = true): void {
  const name = text(key);
  if (enumerable && !(name in (object as object))) (object as Record<string, unknown>)[name] = value;
  else Object.defineProperty(object, name, bare({ value, enumerable, writable: true, configurable: true }));
}
