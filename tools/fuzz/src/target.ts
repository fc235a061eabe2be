/** The interface of a target: code that takes bytes from a stranger, and the rules that must hold whatever they are. */

export interface Target {
  readonly name: string;
  /** Returns its result, which is held while memory is measured. @throws Breach */
  run(input: Uint8Array): unknown;
}

/** A rule that must hold does not. */
export class Breach extends Error {}

export function demand(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Breach(what);
}
