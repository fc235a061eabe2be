/** Collects what is garbage now, in each runtime; what is left is held. Does nothing where it can't. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

const { Bun, gc } = globalThis as {
  readonly Bun?: { gc(isSynchronous: boolean): void };
  /** Deno has it when it was started with the flag. */
  readonly gc?: () => void;
};

export const collectGarbage: () => void = Bun ? () => Bun.gc(true) : (gc ?? ofNode());

function ofNode(): () => void {
  if ("Deno" in globalThis) return () => {};
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc") as () => void;
}
