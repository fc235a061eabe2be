/** Collects garbage now, in each runtime; whatever remains is reachable. Does nothing where that is not possible. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

const { Bun, gc } = globalThis as {
  readonly Bun?: { gc(isSynchronous: boolean): void };
  /** Deno has it if it was started with the flag. */
  readonly gc?: () => void;
};

export const collectGarbage: () => void = Bun ? () => Bun.gc(true) : (gc ?? ofNode());

function ofNode(): () => void {
  if ("Deno" in globalThis) return () => {};
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc") as () => void;
}
