/** The checked arguments of the tools' command lines: names from a list, and counts. */
import { InvalidArgumentError } from "commander";

/** Some of these, comma separated, in the order of the list. */
export function someOf<T extends string>(known: readonly T[]): (text: string) => T[] {
  return (text) => {
    const names = text.split(",").map((name) => name.trim());
    const isKnown = (name: string): name is T => known.some((candidate) => candidate === name);
    if (!names.every(isKnown))
      throw new InvalidArgumentError(`Expected ${known.join(", ")} or several of them.`);
    return known.filter((name) => names.includes(name));
  };
}

export function readCount(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError("Expected a whole number from 1 on.");
  return Number(text);
}
