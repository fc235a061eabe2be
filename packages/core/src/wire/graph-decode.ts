/**
 * The inverse of graph-encode.ts. Reads what another process wrote, so it trusts nothing: a table that no
 * encoder would write is a ProtocolError, and no key reaches a prototype.
 */
import { ProtocolError, SerializationError } from "../errors.ts";
import { receive } from "../memory/process-memory.ts";
import { isHandle } from "../memory/segment.ts";
import { ERROR_CLASSES } from "./graph-encode.ts";

type Table = readonly unknown[];

/**
 * @param bytes What follows the text: the buffers, side by side.
 * @param attached Or each buffer by itself, for the value to keep.
 */
export function decodeGraph(text: string, bytes: Uint8Array, attached?: readonly Uint8Array[]): unknown {
  const table: unknown = JSON.parse(text);
  if (!Array.isArray(table) || table.length === 0) throw malformed("a table of nodes", table);
  const source = attached === undefined ? new InlineBuffers(bytes) : new AttachedBuffers(attached);
  return new GraphDecoder(table, source).decode();
}

interface Buffers {
  /** The buffer of `length` bytes that begins at `offset`. No two may be the same. */
  take(offset: unknown, length: unknown): ArrayBuffer;
}

class InlineBuffers implements Buffers {
  readonly #bytes: Uint8Array;
  #copiedBytes = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** A copy: the payload is gone after this call, and a view may need another alignment. */
  take(offset: unknown, length: unknown): ArrayBuffer {
    const start = integer(offset, this.#bytes.length);
    const end = start + integer(length, this.#bytes.length - start);
    // Each byte belongs to one node: a short message can't ask for a lot of memory.
    this.#copiedBytes = integer(this.#copiedBytes + end - start, this.#bytes.length);
    // Not `slice`: Node's Buffer, which a channel may bring, does not copy there.
    return new Uint8Array(this.#bytes.subarray(start, end)).buffer;
  }
}

class AttachedBuffers implements Buffers {
  readonly #byOffset = new Map<number, Uint8Array>();

  constructor(attached: readonly Uint8Array[]) {
    let offset = 0;
    for (const bytes of attached) {
      this.#byOffset.set(offset, bytes);
      offset += bytes.length;
    }
  }

  take(offset: unknown, length: unknown): ArrayBuffer {
    if (length === 0) return new ArrayBuffer(0);
    const bytes = this.#byOffset.get(offset as number);
    if (bytes === undefined || bytes.length !== length) throw malformed("the place of a buffer", offset);
    this.#byOffset.delete(offset as number);
    const isWhole = bytes.length === bytes.buffer.byteLength;
    return (isWhole ? bytes : new Uint8Array(bytes)).buffer as ArrayBuffer;
  }
}

class GraphDecoder {
  readonly #table: Table;
  readonly #buffers: Buffers;
  readonly #values: unknown[];

  constructor(table: Table, buffers: Buffers) {
    this.#table = table;
    this.#buffers = buffers;
    this.#values = new Array(table.length);
  }

  /** Buffers first, since views need them; then every object empty; then what refers to others. */
  decode(): unknown {
    for (let place = 1; place < this.#table.length; place++) {
      const node = this.#node(place);
      if (node[0] === "buffer") this.#values[place] = this.#buffer(node);
      else if (node[0] === "shared") this.#values[place] = receiveShared(node);
    }
    for (let place = 1; place < this.#table.length; place++) {
      const node = this.#node(place);
      if (node[0] !== "buffer" && node[0] !== "shared") this.#values[place] = this.#shell(node);
    }
    for (let place = 1; place < this.#table.length; place++) this.#fill(place);
    return this.#resolve(this.#table[0]);
  }

  #node(place: number): readonly unknown[] {
    const node = this.#table[place];
    if (!Array.isArray(node)) throw malformed("a node", node);
    return node;
  }

  /** The object of a node, without what it refers to. */
  #shell(node: readonly unknown[]): unknown {
    switch (node[0]) {
      case "object":
        return {};
      case "array":
        return new Array(node.length - 1);
      case "sparse":
        return new Array(integer(node[1], 2 ** 32 - 1));
      case "map":
        return new Map();
      case "set":
        return new Set();
      case "date":
        return new Date(node[1] === null ? Number.NaN : (node[1] as number));
      case "regexp":
        return new RegExp(String(node[1]), String(node[2]));
      case "boxed":
        return Object(this.#resolve(node[1]));
      case "text":
        return String(node[1]);
      case "error":
        return makeError(node[1]);
      case "exception":
        return makeException(node);
      case "bytes":
        return makeView(node[1], this.#buffers.take(node[2], node[3]));
      case "view":
        return makeView(node[1], this.#resolve(node[2]) as ArrayBuffer, node[3], node[4]);
      default:
        throw malformed("a known node", node[0]);
    }
  }

  #fill(place: number): void {
    const node = this.#node(place);
    const value = this.#values[place];
    switch (node[0]) {
      case "object":
        for (let i = 1; i < node.length; i += 2) set(value, node[i], this.#resolve(node[i + 1]));
        break;
      case "sparse":
        for (let i = 2; i < node.length; i += 2) set(value, node[i], this.#resolve(node[i + 1]));
        break;
      case "array":
        for (let i = 1; i < node.length; i++) (value as unknown[])[i - 1] = this.#resolve(node[i]);
        break;
      case "map":
        for (let i = 1; i < node.length; i += 2) {
          (value as Map<unknown, unknown>).set(this.#resolve(node[i]), this.#resolve(node[i + 1]));
        }
        break;
      case "set":
        for (let i = 1; i < node.length; i++) (value as Set<unknown>).add(this.#resolve(node[i]));
        break;
      case "error":
        for (let i = 2; i < node.length; i += 3) {
          set(value, node[i], this.#resolve(node[i + 2]), node[i + 1] === 1);
        }
        break;
    }
  }

  #resolve(reference: unknown): unknown {
    if (!Array.isArray(reference)) return reference;
    const [head, detail] = reference;
    if (typeof head === "number") {
      if (!(head > 0 && head < this.#values.length)) throw malformed("a place in the table", head);
      return this.#values[head];
    }
    switch (head) {
      case "undefined":
        return undefined;
      case "number":
        return Number(detail);
      case "bigint":
        return BigInt(detail as string);
      default:
        throw malformed("a reference", head);
    }
  }

  #buffer(node: readonly unknown[]): ArrayBuffer {
    const bytes = this.#buffers.take(node[1], node[2]);
    if (node[3] === undefined) return bytes;
    const options = { maxByteLength: integer(node[3], 2 ** 32) };
    const buffer = new (ArrayBuffer as new (length: number, options: object) => ArrayBuffer)(
      bytes.byteLength,
      options,
    );
    new Uint8Array(buffer).set(new Uint8Array(bytes));
    return buffer;
  }
}

function receiveShared([, id, bytes, pid, descriptor]: readonly unknown[]): ArrayBuffer {
  const handle = { id, bytes, pid, descriptor };
  if (!isHandle(handle)) throw malformed("the handle of shared memory", handle);
  return receive(handle);
}

function makeError(className: unknown): Error {
  const known = ERROR_CLASSES.find((name) => name === className);
  if (known === undefined) throw malformed("a built-in error class", className);
  // Filled in later; what the constructors set themselves must not show through.
  const error = known === "AggregateError" ? new AggregateError([]) : new globalThis[known]();
  for (const key of Reflect.ownKeys(error)) Reflect.deleteProperty(error, key);
  return error;
}

function makeException([, name, message, stack]: readonly unknown[]): DOMException {
  const exception = new DOMException(String(message), String(name));
  if (typeof stack === "string") set(exception, "stack", stack, false);
  return exception;
}

const VIEWS =
  /^(?:Uint8Array|Uint8ClampedArray|Int8Array|(?:Int|Uint|Float)(?:16|32)Array|Float64Array|Big(?:Int|Uint)64Array|DataView)$/;

function makeView(name: unknown, buffer: ArrayBuffer, offset: unknown = 0, length?: unknown): unknown {
  if (typeof name !== "string" || !VIEWS.test(name)) throw malformed("the name of a view", name);
  const View = (globalThis as unknown as Record<string, ViewConstructor | undefined>)[name];
  if (View === undefined) {
    throw new SerializationError(`Cannot receive a ${name}: this runtime has none; send another typed array`);
  }
  const bytes = length === undefined ? buffer.byteLength : integer(length, buffer.byteLength);
  return new View(buffer, integer(offset, buffer.byteLength), bytes / (View.BYTES_PER_ELEMENT ?? 1));
}

type ViewConstructor = {
  new (buffer: ArrayBuffer, byteOffset: number, length: number): unknown;
  readonly BYTES_PER_ELEMENT?: number;
};

/** Defines, never assigns: a key such as `__proto__` is data like any other. */
function set(object: unknown, key: unknown, value: unknown, enumerable = true): void {
  Object.defineProperty(object, String(key), { value, enumerable, writable: true, configurable: true });
}

function integer(value: unknown, max: number): number {
  if (!(Number.isInteger(value) && (value as number) >= 0 && (value as number) <= max)) {
    throw malformed(`an integer from 0 to ${max}`, value);
  }
  return value as number;
}

function malformed(expected: string, received: unknown): ProtocolError {
  return new ProtocolError(
    `Expected ${expected} in a message from another process, received ${JSON.stringify(received)?.slice(0, 80)}`,
  );
}
