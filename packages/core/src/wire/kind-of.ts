/**
 * What an object is by its internals, whatever it claims: `Symbol.toStringTag` can return anything, and `instanceof`
 * neither knows another realm nor sees through `Object.create(Map.prototype)`.
 */
import { propertyOf } from "../bare.ts";

export type Kind = Provable | "Array" | "View" | "Error" | "DOMException" | "Object" | "Platform";

type Provable =
  | "Date"
  | "RegExp"
  | "Map"
  | "Set"
  | "Boolean"
  | "Number"
  | "String"
  | "BigInt"
  | "ArrayBuffer"
  | "SharedArrayBuffer";

type Getter = (this: unknown) => unknown;

const getter = (prototype: object, key: PropertyKey): Getter =>
  Object.getOwnPropertyDescriptor(prototype, key)?.get as Getter;

/** Each throws when the object lacks the internals. */
const PROOFS: Readonly<Record<Provable, Getter>> = {
  Date: Date.prototype.getTime as Getter,
  RegExp: getter(RegExp.prototype, "source"),
  Map: getter(Map.prototype, "size"),
  Set: getter(Set.prototype, "size"),
  Boolean: Boolean.prototype.valueOf as Getter,
  Number: Number.prototype.valueOf as Getter,
  String: String.prototype.valueOf as Getter,
  BigInt: BigInt.prototype.valueOf as Getter,
  ArrayBuffer: getter(ArrayBuffer.prototype, "byteLength"),
  SharedArrayBuffer: getter(SharedArrayBuffer.prototype, "byteLength"),
};

const PROVABLE = Object.keys(PROOFS) as Provable[];

/** `"Platform"`: an object whose content is hidden, such as a Promise, a URL or a generator. */
export function kindOf(object: object): Kind {
  if (Array.isArray(object)) return "Array";
  if (ArrayBuffer.isView(object)) return "View";
  const prototype: unknown = Object.getPrototypeOf(object);
  if (prototype === Object.prototype || prototype === null) return "Object"; // nearly all others
  if (object instanceof DOMException) return "DOMException";
  if (object instanceof Error) return "Error";
  const tag = tagOf(object);
  const isOf = (name: Provable) => object instanceof globalThis[name] || tag === name;
  const provable = PROVABLE.find((name) => isOf(name) && hasInternals(object, name));
  if (provable !== undefined) return provable;
  // Without a custom tag, "Error" comes from the internals: an error of another realm.
  if (tag === "Error" && !(Symbol.toStringTag in object)) return "Error";
  return isPlatform(object, tag) ? "Platform" : "Object";
}

/** An instance of the global class it is named after, or one with a name and no visible content. */
function isPlatform(object: object, tag: string): boolean {
  if (tag === "Object" || tag === "Arguments") return false;
  const named = propertyOf(globalThis, tag);
  return (typeof named === "function" && object instanceof named) || Object.keys(object).length === 0;
}

export function tagOf(object: object): string {
  return Object.prototype.toString.call(object).slice(8, -1);
}

const typedArrayName = getter(Object.getPrototypeOf(Uint8Array.prototype) as object, Symbol.toStringTag);

/** `"Uint8Array"` for a Node Buffer too. */
export function viewName(view: ArrayBufferView): string {
  return (typedArrayName.call(view) as string | undefined) ?? "DataView";
}

function hasInternals(object: object, name: Provable): boolean {
  try {
    PROOFS[name].call(object);
    return true;
  } catch {
    return false;
  }
}

/** A generator's items are not a result. */
export function hintFor(what: string): string {
  return what.includes("Generator") ? "; `pool.stream()` reads the items of a task that yields them" : "";
}
