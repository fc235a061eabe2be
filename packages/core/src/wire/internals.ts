/** What the graph encoder asks of a single object. What kind of object it is: kind-of.ts. */
import { viewName } from "./kind-of.ts";

/** It is there for every object, because a library has extended them all. */
export function isInherited(object: object, key: string): boolean {
  return key in Object.prototype && !Object.hasOwn(object, key);
}

/** A subclass may return anything for its tag. */
export function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** Node Buffers are slices of a pool that holds other data too: they bring only their own bytes. */
export function isOfSubclass(view: ArrayBufferView): boolean {
  const builtIn = (globalThis as unknown as Record<string, { prototype: object }>)[viewName(view)];
  return Object.getPrototypeOf(view) !== builtIn?.prototype;
}

/** The primitive in a boxed object, whatever its own `valueOf` returns. */
export function primitiveOf(kind: "Boolean" | "Number" | "String" | "BigInt", box: object): unknown {
  return (globalThis[kind].prototype.valueOf as (this: unknown) => unknown).call(box);
}

export function isDetached(buffer: ArrayBufferLike): boolean {
  return (buffer as { detached?: boolean }).detached === true;
}
