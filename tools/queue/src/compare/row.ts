/** A row of the comparison: one fault, played on either side. Types, and the words of figures. */
import type { Stage } from "./stage.ts";

export interface Row {
  readonly title: string;
  play(stage: Stage): Promise<Outcome>;
}

export interface Outcome {
  /** What was seen. */
  readonly text: string;
  /** Whether the fault was dealt with: nothing left, nothing twice at once, nothing lost. */
  readonly isGood: boolean;
}

export const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;

export function counted(count: number, singular: string, plural = `${singular}s`): string {
  return `${count} ${count === 1 ? singular : plural}`;
}

/** A reason without numbers of processes, which differ each time; a long one is cut. */
export function shorten(text: string, most = 70): string {
  const plain = text.replaceAll(/ \(pid \d+\)/g, "").replaceAll(/\s+/g, " ");
  return plain.length <= most ? plain : `${plain.slice(0, most)}…`;
}
