/** What is in the guard's table, read without the code under test. */
import type { FakeRuntime } from "./fake-runtime.ts";

/** Its lines that are not blank, in order, as `group start`. */
export function groupLines(table: Uint8Array): string[] {
  const lines = new TextDecoder().decode(table).split("\n");
  return lines.map((line) => line.trim()).filter((line) => line !== "");
}

/** Of the guard of a fake runtime; undefined where there is no table. */
export function groupsOf(runtime: FakeRuntime): string[] | undefined {
  const [folder] = runtime.folders;
  const table = runtime.readFile(`${folder}/groups`);
  return table === undefined ? undefined : groupLines(table).toSorted();
}
