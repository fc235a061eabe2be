/** The variants of the runtimes that are compared: each as it is, and without FFI where possible. Runs nothing. */
import { fileURLToPath } from "node:url";
import type { Runtime } from "@reapool/measuring/runtimes";

export interface Variant {
  readonly runtime: Runtime;
  /** For people, and for `--filter`. */
  readonly label: string;
  /** For a host and its workers, which inherit it. */
  readonly environment: Readonly<Record<string, string>>;
}

const WITHOUT_KOFFI = `--require="${fileURLToPath(new URL("./without-koffi.cjs", import.meta.url))}"`;

/** All but `--allow-ffi`. */
const DENO_FLAGS = ["read", "write", "net", "env", "run", "sys", "import"].map((kind) => `--allow-${kind}`);

export function variantsOf(runtime: Runtime): Variant[] {
  const whole = { runtime, label: runtime.label, environment: {} };
  const without = withoutFfi(runtime);
  return without === undefined ? [whole] : [whole, without];
}

/** Undefined where FFI can't be left out. */
export function withoutFfi(runtime: Runtime): Variant | undefined {
  const variant = { runtime, label: `${runtime.label} without FFI`, environment: {} };
  switch (runtime.name) {
    case "node22":
    case "node24":
      return { ...variant, environment: { NODE_OPTIONS: WITHOUT_KOFFI } };
    case "node26":
      return { ...variant, environment: { NODE_OPTIONS: `--no-experimental-ffi ${WITHOUT_KOFFI}` } };
    case "deno":
      return { ...variant, runtime: { ...runtime, flags: ["run", "--no-prompt", ...DENO_FLAGS] } };
    case "bun":
      return undefined;
  }
}
