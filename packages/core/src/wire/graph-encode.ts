/**
 * Any value that structured clone accepts, except platform objects, as JSON text and raw bytes: a table of nodes that
 * refer to each other by index, so that cycles and shared references survive. docs/protocol.md lists the nodes. Works
 * through a list instead of recursing: only memory bounds the depth.
 *
 * We wrote our own because no library preserves every value of the fidelity suite: seroval 1.8 rejects class
 * instances and Float16Array, turns a DOMException into an Error and drops properties of arrays; msgpackr, cbor-x and
 * Bun's own serializer lose more, and `v8.serialize` drops the own properties of errors.
 */
import { propertyOf } from "../bare.ts";
import { SerializationError } from "../errors.ts";
import { withMadeStack } from "../made-stack.ts";
import { handleOf } from "../memory/process-memory.ts";
import { digitsOf } from "./bigints.ts";
import { errorClassOf, isQuotaError, keysOfStandIn, nameOnPrototype } from "./error-classes.ts";
import {
  MAX_ERRORS,
  MAX_PATTERN_UNITS,
  MAX_RESERVED_BYTES,
  MAX_STACKS,
  patternUnits,
  RESIZABLE_BYTES,
} from "./graph-limits.ts";
import { isDetached, isInherited, isOfSubclass, primitiveOf, textOf } from "./internals.ts";
import { isDenseArray } from "./json-safe.ts";
import { jsonText } from "./json-text.ts";
import { hintFor, kindOf, tagOf, viewName } from "./kind-of.ts";
import { isLong } from "./long-text.ts";
import { snapshot, snapshotText } from "./snapshot.ts";
import { describe, property } from "./value-names.ts";

/** A primitive, `[n]` for the node at index n of the table, or `[word, ...]` for values that JSON can't write. */
type Reference = string | number | boolean | null | readonly [number] | Word;
type Word = readonly [string, string?] | readonly ["long", offset: number, length: number];
type Node = readonly [string, ...unknown[]];

/** Own properties of an error that are not enumerable and still belong to it. */
const HIDDEN_ERROR_KEYS = ["message", "stack", "cause", "errors", "error", "suppressed", "name", "code"];

interface Graph {
  readonly text: string;
  readonly attachments: readonly Uint8Array[] | undefined;
  /** The shared buffers it names. */
  readonly shared: readonly ArrayBuffer[] | undefined;
}

/** `"lenient"` replaces what can't be sent by a text; for errors on their way to the caller. */
export function encodeGraph(value: unknown, root: string, mode: "strict" | "lenient"): Graph {
  return new GraphEncoder(root, mode).encode(value);
}

class GraphEncoder {
  /** Index 0 is the root's reference; each node is at its own index. */
  readonly #table: (Node | Reference)[] = [null];
  readonly #places = new Map<object, number>();
  /** The path step that led to each node, for the path in an error. */
  readonly #origins: (readonly [parent: number, key: string])[] = [[0, ""]];
  readonly #pending: object[] = [];
  /** Views wait until all users of their buffer are known. */
  readonly #views: (readonly [place: number, view: ArrayBufferView])[] = [];
  readonly #bufferUses = new Map<ArrayBufferLike, number>();
  readonly #attachments: Uint8Array[] = [];
  #shared: ArrayBuffer[] | undefined;
  #attachedBytes = 0;
  #reservedBytes = 0;
  #patternUnits = 0;
  #errors = 0;
  readonly #root: string;
  readonly #lenient: boolean;
  /** The index of the node that is being made. */
  #current = 0;

  constructor(root: string, mode: "strict" | "lenient") {
    this.#root = root;
    this.#lenient = mode === "lenient";
  }

  encode(value: unknown): Graph {
    this.#table[0] = this.#refer(value, "");
    for (let next = 0; next < this.#pending.length; next++) {
      this.#current = next + 1;
      this.#table[this.#current] = this.#node(this.#pending[next] as object);
    }
    for (const [place, view] of this.#views) {
      this.#current = place;
      this.#table[place] = this.#view(view);
    }
    // Buffers that only views use get their indexes while the views are made, after all others.
    for (let place = this.#table.length; place <= this.#pending.length; place++) {
      this.#current = place;
      this.#table[place] = this.#buffer(this.#pending[place - 1] as ArrayBuffer);
    }
    const attachments = this.#attachments.length === 0 ? undefined : this.#attachments;
    return { text: jsonText(this.#table), attachments, shared: this.#shared };
  }

  #refer(value: unknown, key: string): Reference {
    switch (typeof value) {
      case "string":
        return isLong(value) ? this.#longText(value) : value;
      case "boolean":
        return value;
      case "number":
        if (Number.isFinite(value) && !Object.is(value, -0)) return value;
        return ["number", Object.is(value, -0) ? "-0" : String(value)];
      case "undefined":
        return ["undefined"];
      case "bigint":
        return ["bigint", digitsOf(value)];
      case "object":
        return value === null ? null : [this.#place(value, key)];
      default:
        return this.#unsendable(key, describe(value));
    }
  }

  #place(object: object, key: string): number {
    const known = this.#places.get(object);
    if (known !== undefined) return known;
    const place = this.#pending.push(object);
    this.#places.set(object, place);
    this.#origins[place] = [this.#current, key];
    return place;
  }

  #node(object: object): Node {
    const kind = kindOf(object);
    switch (kind) {
      case "Object":
        return this.#object(object);
      case "Array":
        return this.#array(object as readonly unknown[]);
      case "View":
        if (!isOfSubclass(object as ArrayBufferView)) this.#use((object as ArrayBufferView).buffer);
        this.#views.push([this.#current, object as ArrayBufferView]);
        return ["view"];
      case "ArrayBuffer":
        this.#use(object as ArrayBuffer);
        return this.#buffer(object as ArrayBuffer);
      case "Date":
        return ["date", Date.prototype.getTime.call(object)]; // an invalid date is NaN, which JSON writes as null
      case "RegExp":
        return this.#regExp(object as RegExp);
      case "Map":
        return this.#map(object as ReadonlyMap<unknown, unknown>);
      case "Set":
        return this.#set(object as ReadonlySet<unknown>);
      case "Error":
        if (this.#lenient && ++this.#errors > MAX_ERRORS)
          return ["text", `[not sent: an error beyond the first ${MAX_ERRORS}]`];
        return this.#error(object as Error);
      case "DOMException":
        return this.#exception(object as DOMException);
      case "Boolean":
      case "Number":
      case "String":
      case "BigInt":
        return ["boxed", this.#refer(primitiveOf(kind, object), "")];
      case "SharedArrayBuffer":
        return ["text", this.#unsendable("", "a SharedArrayBuffer (threads share it, processes can't)")];
      case "Platform":
        // Its content is hidden, so it would arrive as {}.
        return ["text", this.#unsendable("", `a ${tagOf(object)}`)];
    }
  }

  #object(object: object): Node {
    const node: [string, ...unknown[]] = ["object"];
    for (const key of Object.keys(object)) {
      node.push(key, this.#refer(this.#read(object, key), property(key)));
    }
    return node;
  }

  #regExp({ source, flags }: RegExp): Node {
    this.#patternUnits += patternUnits(source);
    if (this.#patternUnits <= MAX_PATTERN_UNITS) return ["regexp", source, flags];
    return ["text", this.#unsendable("", "regular expressions of more than 64 Ki characters together")];
  }

  #map(map: ReadonlyMap<unknown, unknown>): Node {
    const node: [string, ...unknown[]] = ["map"];
    let i = 0;
    Map.prototype.forEach.call(map, (value, key) => {
      node.push(this.#refer(key, `.keys()[${i}]`), this.#refer(value, `.values()[${i}]`));
      i++;
    });
    return node;
  }

  #set(set: ReadonlySet<unknown>): Node {
    const node: [string, ...unknown[]] = ["set"];
    Set.prototype.forEach.call(set, (value) =>
      node.push(this.#refer(value, `.values()[${node.length - 1}]`)),
    );
    return node;
  }

  #array(array: readonly unknown[]): Node {
    const keys = Object.keys(array);
    const isDense = isDenseArray(array, keys);
    const node: [string, ...unknown[]] = isDense ? ["array"] : ["sparse", array.length];
    if (isDense) {
      for (let i = 0; i < array.length; i++) node.push(this.#refer(array[i], `[${i}]`));
      return node;
    }
    for (const key of keys) {
      node.push(key, this.#refer((array as unknown as Record<string, unknown>)[key], property(key)));
    }
    return node;
  }

  /** Class, then its own properties. */
  #error(error: Error): Node {
    const className = errorClassOf(error);
    const keys = this.#ownKeys(error);
    // A subclass may keep these on its prototype, which is not sent; some engines keep the stack there.
    if (this.#read(error, "name") !== nameOnPrototype(className)) keys.add("name");
    if ("code" in error && !isInherited(error, "code")) keys.add("code");
    if (this.#lenient && this.#errors > MAX_STACKS) keys.delete("stack");
    else if (typeof this.#read(error, "stack") === "string") keys.add("stack");
    if (this.#read(error, "message") !== "") keys.add("message"); // Bun's errors of imports have it from their class
    return this.#withProperties(["error", className], error, keys);
  }

  /** Its constructor's arguments and its stack, then its other own properties. */
  #exception(exception: DOMException): Node {
    const keys = this.#ownKeys(exception);
    const stack = this.#read(exception, "stack");
    const isHidden = !Object.prototype.propertyIsEnumerable.call(exception, "stack");
    if (typeof stack === "string" && isHidden) keys.delete("stack");
    const told = [
      textOf(this.#read(exception, "message")),
      typeof stack === "string" && isHidden ? stack : null,
    ];
    const node: [string, ...unknown[]] = isQuotaError(exception)
      ? ["quota", exception.quota, exception.requested, ...told]
      : ["exception", textOf(this.#read(exception, "name")), ...told];
    return this.#withProperties(node, exception, keys);
  }

  #ownKeys(error: Error): Set<string> {
    withMadeStack(error);
    const hidden = HIDDEN_ERROR_KEYS.filter((key) => Object.hasOwn(error, key));
    const keys = new Set([...hidden, ...Object.keys(error)]);
    for (const key of keysOfStandIn(error)) keys.delete(key);
    return keys;
  }

  /** For each property: key, 1 if enumerable, value. */
  #withProperties(node: [string, ...unknown[]], error: Error, keys: ReadonlySet<string>): Node {
    for (const key of keys) {
      const isEnumerable = Object.prototype.propertyIsEnumerable.call(error, key) ? 1 : 0;
      node.push(key, isEnumerable, this.#refer(this.#read(error, key), property(key)));
    }
    return node;
  }

  /**
   * A getter of the application's may throw: that must not cost the error it belongs to. Nor an error among values its
   * stack, which `Error.prepareStackTrace` of anybody's makes.
   */
  #read(object: object, key: string): unknown {
    if (!this.#lenient && key !== "stack") return (object as Record<string, unknown>)[key];
    try {
      return key === "stack" ? propertyOf(object, key) : (object as Record<string, unknown>)[key];
    } catch {
      return `[a getter, ${key}, that threw]`;
    }
  }

  #use(buffer: ArrayBufferLike): void {
    this.#bufferUses.set(buffer, (this.#bufferUses.get(buffer) ?? 0) + 1);
  }

  /** A view that is the only user of its buffer brings only its own bytes. */
  #view(view: ArrayBufferView): Node {
    const { buffer } = view;
    const name = viewName(view);
    if (isDetached(buffer)) return ["text", this.#unsendable("", `a ${name} on a detached ArrayBuffer`)];
    if (kindOf(buffer) !== "ArrayBuffer") {
      return [
        "text",
        this.#unsendable("", `a ${name} on a SharedArrayBuffer (threads share it, processes can't)`),
      ];
    }
    const { byteOffset, byteLength } = view; // a DataView throws here when detached
    const isShared = handleOf(buffer as ArrayBuffer) !== undefined;
    if (!isShared && (isOfSubclass(view) || this.#bufferUses.get(buffer) === 1)) {
      const copy = snapshot(new Uint8Array(buffer, byteOffset, byteLength));
      return ["bytes", name, this.#attach(copy), byteLength];
    }
    return ["view", name, [this.#place(buffer, ".buffer")], byteOffset, byteLength];
  }

  #buffer(buffer: ArrayBuffer): Node {
    if (isDetached(buffer)) {
      return ["text", this.#unsendable("", "a detached ArrayBuffer")];
    }
    const handle = handleOf(buffer);
    if (handle === "released") return ["text", this.#unsendable("", "a shared buffer that was released")];
    if (handle !== undefined) {
      this.#shared ??= [];
      this.#shared.push(buffer);
      return ["shared", handle.id, handle.bytes, handle.pid, handle.descriptor];
    }
    const { resizable, maxByteLength } = buffer as { resizable?: boolean; maxByteLength?: number };
    if (resizable !== true)
      return ["buffer", this.#attach(snapshot(new Uint8Array(buffer))), buffer.byteLength];
    this.#reservedBytes += (maxByteLength as number) + RESIZABLE_BYTES;
    if (this.#reservedBytes > MAX_RESERVED_BYTES) {
      return ["text", this.#unsendable("", "resizable ArrayBuffers of more than 8 GiB together")];
    }
    return ["buffer", this.#attach(snapshot(new Uint8Array(buffer))), buffer.byteLength, maxByteLength];
  }

  #longText(text: string): Reference {
    const bytes = snapshotText(text);
    return ["long", this.#attach(bytes), bytes.length];
  }

  /** @param bytes A copy: the value may change while the message waits. Returns where it begins. */
  #attach(bytes: Uint8Array): number {
    const offset = this.#attachedBytes;
    this.#attachments.push(bytes);
    this.#attachedBytes += bytes.length;
    return offset;
  }

  #unsendable(key: string, what: string): string {
    if (this.#lenient) return `[${what} that can't cross processes]`;
    const path = this.#path(key);
    throw new SerializationError(
      `Cannot send \`${path}\`: expected a value that structured clone takes, received ${what}${hintFor(what)}`,
      { path },
    );
  }

  #path(key: string): string {
    const parts = [key];
    for (let place = this.#current; place > 0; ) {
      const [parent, name] = this.#origins[place] as readonly [number, string];
      parts.push(name);
      place = parent;
    }
    return this.#root + parts.reverse().join("");
  }
}
