/** What is fuzzed: something that takes bytes of a stranger, and what must hold of it whatever they are. */

export interface Target {
  readonly name: string;
  /** Returns what it made of the bytes, to be held while memory is measured. @throws Breach */
  run(input: Uint8Array): unknown;
}

/** Something that must hold does not. */
export class Breach extends Error {}

export function demand(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Breach(what);
}
