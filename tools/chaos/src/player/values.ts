/**
 * What tasks return and throw, derived from the name of the call: the worker creates it, and so does the model, which
 * then knows what must arrive. In a separate file, so that both can load it.
 */
import type { Gives, Throws } from "../program.ts";

/** A number for a name, the same in every process. */
export function hashOf(name: string): number {
  let hash = 7;
  for (let i = 0; i < name.length; i++) hash = (Math.imul(hash, 31) + name.charCodeAt(i)) | 0;
  return hash >>> 0;
}

export function resultOf(gives: Gives, size: number, name: string): unknown {
  const hash = hashOf(name);
  switch (gives) {
    case "text":
      return `${name}é`.padEnd(size, name);
    case "bytes":
      return new Uint8Array(size).fill(hash);
    case "map":
      return new Map<unknown, unknown>([
        [name, new Set([hash, undefined])],
        ["nested", { list: [-0, Number.NaN, 5n] }],
      ]);
    case "date":
      return new Date(hash * 1000);
    case "error":
      return new TypeError(`given by ${name}`, { cause: name });
    case "shared":
    case "number":
      return hash;
  }
}

export function thrownOf(throws: Throws, name: string): unknown {
  switch (throws) {
    case "text":
      return `thrown by ${name}`;
    case "null":
      return null;
    case "odd":
      return { toString: 1, valueOf: 1, name };
    case "error":
      return Object.assign(new RangeError(`thrown by ${name}`, { cause: { name } }), {
        detail: hashOf(name),
      });
  }
}

export const itemOf = (name: string, index: number): unknown =>
  index % 5 === 4 ? { name, index } : `${name}#${index}`;

/** What a source fails with. */
export const failureOf = (name: string): Error => new RangeError(`the source of ${name} fails`);

/** The byte that a task leaves in shared memory. */
export const byteOf = (name: string): number => (hashOf(name) % 255) + 1;
