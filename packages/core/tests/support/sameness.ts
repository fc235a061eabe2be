/**
 * Whether a value arrived as what was sent, by the rules of structured clone and more exactly than any
 * matcher: classes, key order, holes, -0, cycles, who shares what with whom.
 */

/** The narrowest first; not every runtime has each. */
const ERROR_CLASSES: readonly string[] = [
  "AggregateError",
  "EvalError",
  "RangeError",
  "ReferenceError",
  "SuppressedError",
  "SyntaxError",
  "TypeError",
  "URIError",
  "WebAssembly.CompileError",
  "WebAssembly.LinkError",
  "WebAssembly.RuntimeError",
  "Error",
];
const HIDDEN_ERROR_KEYS = ["message", "stack", "cause", "errors", "error", "suppressed", "name", "code"];
/** These may have stood on a prototype, which does not travel. */
const INHERITED_ERROR_KEYS = ["name", "code", "message", "stack"];
/** Of what is no property of its own in every runtime; the last two are of a QuotaExceededError. */
const EXCEPTION_KEYS = ["name", "message", "code", "stack", "quota", "requested"];

/** Where `received` is not what `original` should arrive as; undefined when nowhere. */
export function difference(received: unknown, original: unknown): string | undefined {
  try {
    new Comparison().compare(received, original, "value");
    return undefined;
  } catch (error) {
    if (error instanceof Difference) return error.message;
    throw error;
  }
}

class Difference extends Error {}

class Comparison {
  readonly #received = new Map<object, object>();
  readonly #originals = new Map<object, object>();

  compare(received: unknown, original: unknown, path: string): void {
    if (typeof original !== "object" || original === null) {
      is(received, original, path);
      return;
    }
    if (typeof received !== "object" || received === null) fail(path, "an object", received);
    if (this.#isKnown(received as object, original, path)) return;
    const brand = brandOf(original);
    is(brandOf(received as object), brand, `${path} (class)`);
    this.#contents(brand, received as never, original as never, path);
  }

  /** Two places that held one object must hold one again, and two objects must stay two. */
  #isKnown(received: object, original: object, path: string): boolean {
    if (this.#received.has(original)) {
      if (this.#received.get(original) !== received) fail(path, "the object met before", "another one");
      return true;
    }
    if (this.#originals.has(received)) fail(path, "an object of its own", "one met before");
    this.#received.set(original, received);
    this.#originals.set(received, original);
    return false;
  }

  // biome-ignore lint/suspicious/noExplicitAny: the brand has told what the two are
  #contents(brand: string, received: any, original: any, path: string): void {
    const { prototype } = classNamed(brand) as { prototype: object };
    is(Object.getPrototypeOf(received), prototype, `${path} (prototype)`);
    if (ERROR_CLASSES.includes(brand)) this.#errors(received, original, path);
    else if (ArrayBuffer.isView(original)) this.#views(received, original, path);
    else if (brand === "Object") this.#properties(received, original, path);
    else if (brand === "Array") {
      is(received.length, original.length, `${path}.length`);
      this.#properties(received, original, path);
    } else if (brand === "Map") {
      this.#lists([...received.keys()], [...Map.prototype.keys.call(original)], `${path}.keys()`);
      this.#lists([...received.values()], [...Map.prototype.values.call(original)], `${path}.values()`);
    } else if (brand === "Set") {
      this.#lists([...received], [...Set.prototype.values.call(original)], `${path}.values()`);
    } else if (brand === "ArrayBuffer") {
      is(received.resizable, original.resizable, `${path}.resizable`);
      is(received.maxByteLength, original.maxByteLength, `${path}.maxByteLength`);
      sameBytes(new Uint8Array(received), new Uint8Array(original), path);
    } else if (brand === "DOMException" || brand === "QuotaExceededError") {
      for (const key of EXCEPTION_KEYS) is(received[key], original[key], `${path}.${key}`);
      this.#ownOfErrors(received, original, path);
    } else if (brand === "Date") {
      is(received.getTime(), Date.prototype.getTime.call(original), `${path}.getTime()`);
    } else if (brand === "RegExp") {
      is(String(received), RegExp.prototype.toString.call(original), path);
    } else is(received.valueOf(), original.valueOf(), path); // boxed
  }

  #lists(received: readonly unknown[], original: readonly unknown[], path: string): void {
    is(received.length, original.length, `${path}.length`);
    for (const [i, item] of original.entries()) this.compare(received[i], item, `${path}[${i}]`);
  }

  #properties(received: object, original: object, path: string): void {
    const keys = Reflect.ownKeys(received).filter((key) => !(Array.isArray(received) && key === "length"));
    is(JSON.stringify(keys.map(String)), JSON.stringify(Object.keys(original)), `${path} (keys)`);
    for (const key of Object.keys(original)) this.#property(received, original, key, true, path);
  }

  #property(received: object, original: object, key: string, isEnumerable: boolean, path: string): void {
    const arrived = Object.getOwnPropertyDescriptor(received, key);
    const shape = `${arrived?.enumerable} ${arrived?.writable} ${arrived?.configurable}`;
    is(shape, `${isEnumerable} true true`, `${path}.${key} (attributes)`);
    this.compare(arrived?.value, (original as never)[key], `${path}.${key}`);
  }

  #errors(received: Error, original: Error, path: string): void {
    const at = (key: PropertyKey): string => `${path}.${String(key)}`;
    for (const key of ["name", "message", "stack"] as const) is(received[key], original[key], at(key));
    this.#ownOfErrors(received, original, path);
  }

  #ownOfErrors(received: Error, original: Error, path: string): void {
    const at = (key: PropertyKey): string => `${path}.${String(key)}`;
    const keys = textKeys(original).filter(
      (key) => isEnumerable(original, key) || HIDDEN_ERROR_KEYS.includes(String(key)),
    );
    for (const key of keys) {
      this.#property(received, original, key, isEnumerable(original, key), path);
    }
    for (const key of textKeys(received).filter((key) => !keys.includes(key))) {
      if (!INHERITED_ERROR_KEYS.includes(key)) fail(at(key), "no property", "one");
      is((received as never)[key], (original as never)[key], at(key));
    }
  }

  /** Views that shared a buffer share one again; a lone view may bring its own bytes only. */
  #views(received: ArrayBufferView, original: ArrayBufferView, path: string): void {
    this.#isKnown(received.buffer, original.buffer, `${path}.buffer`);
    sameBytes(bytesOf(received), bytesOf(original), path);
  }
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function sameBytes(received: Uint8Array, original: Uint8Array, path: string): void {
  is(received.length, original.length, `${path}.byteLength`);
  for (let i = 0; i < original.length; i++) {
    if (received[i] !== original[i]) fail(`${path} (byte ${i})`, original[i], received[i]);
  }
}

function isEnumerable(object: object, key: PropertyKey): boolean {
  return Object.prototype.propertyIsEnumerable.call(object, key);
}

const typedArrayName = Object.getOwnPropertyDescriptor(
  Object.getPrototypeOf(Uint8Array.prototype),
  Symbol.toStringTag,
)?.get as () => string | undefined;

const getter = (prototype: object, name: string) =>
  Object.getOwnPropertyDescriptor(prototype, name)?.get as () => unknown;

/** Each throws for what is not of its class. */
const PROBES: readonly (readonly [string, () => unknown])[] = [
  ["Date", Date.prototype.getTime],
  ["Map", getter(Map.prototype, "size")],
  ["Set", getter(Set.prototype, "size")],
  ["RegExp", getter(RegExp.prototype, "source")],
  ["ArrayBuffer", getter(ArrayBuffer.prototype, "byteLength")],
  ["Boolean", Boolean.prototype.valueOf],
  ["Number", Number.prototype.valueOf],
  ["String", String.prototype.valueOf],
  ["BigInt", BigInt.prototype.valueOf],
];

/** Deno keeps what a DOMException is in symbols. */
function textKeys(error: Error): string[] {
  return Reflect.ownKeys(error).filter((key) => typeof key === "string");
}

function classNamed(name: string): (new () => object) | undefined {
  let found: unknown = globalThis;
  for (const part of name.split(".")) found = (found as Record<string, unknown> | undefined)?.[part];
  return found as (new () => object) | undefined;
}

function isOf(object: object, name: string): boolean {
  const known = classNamed(name);
  return known !== undefined && object instanceof known;
}

/** The class by what the object is, not by what it says of itself. */
function brandOf(object: object): string {
  if (Array.isArray(object)) return "Array";
  if (ArrayBuffer.isView(object)) return typedArrayName.call(object) ?? "DataView";
  if (isOf(object, "QuotaExceededError")) return "QuotaExceededError";
  if (isOf(object, "DOMException")) return "DOMException";
  if (object instanceof Error) return ERROR_CLASSES.find((name) => isOf(object, name)) as string;
  const prototype: unknown = Object.getPrototypeOf(object);
  if (prototype === Object.prototype || prototype === null) return "Object";
  for (const [name, probe] of PROBES) {
    try {
      probe.call(object as never);
      return name;
    } catch {}
  }
  return "Object";
}

function is(received: unknown, expected: unknown, path: string): void {
  if (!Object.is(received, expected)) fail(path, expected, received);
}

function fail(path: string, expected: unknown, received: unknown): never {
  throw new Difference(`${path}: expected ${show(expected)}, received ${show(received)}`);
}

function show(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value).slice(0, 120);
  if (Object.is(value, -0)) return "-0";
  return typeof value === "object" && value !== null ? Object.prototype.toString.call(value) : String(value);
}
