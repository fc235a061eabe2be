/**
 * Whether the runtime is the one an adapter is for, and new enough: without this, whoever imports the wrong one sees an error of
 * a runtime's own about something else.
 */
import { propertyOf } from "../bare.ts";

interface Running {
  readonly name: "Node" | "Bun" | "Deno";
  readonly version: string;
}

/** Bun and Deno have a `process` as well: they come first. */
function running(): Running | undefined {
  const versionsOf = (global: string): unknown => {
    const found = propertyOf(globalThis, global);
    return typeof found === "object" || typeof found === "function" ? found : undefined;
  };
  const deno = versionsOf("Deno") as { version: { deno: string } } | undefined;
  if (deno) return { name: "Deno", version: deno.version.deno };
  const bun = versionsOf("Bun") as { version: string } | undefined;
  if (bun) return { name: "Bun", version: bun.version };
  const node = versionsOf("process") as { versions?: { node?: string } } | undefined;
  return node?.versions?.node === undefined ? undefined : { name: "Node", version: node.versions.node };
}

/**
 * @param adapter the last part of its package's name
 * @param minimum a version that it works in, with two numbers
 * @throws Error where it is another runtime or an older version
 */
export function assertRuntime(adapter: "node" | "bun" | "deno", minimum: string): void {
  const found = running();
  const wanted = adapter === "node" ? "Node" : adapter === "bun" ? "Bun" : "Deno";
  if (found?.name !== wanted) {
    const is = found === undefined ? "something else" : `${found.name} ${found.version}`;
    throw new Error(
      `Expected @reapool/${adapter} to run in ${wanted}, this is ${is}; import "reapool", which takes the adapter of the ` +
        "runtime, and bundle for the runtime that the bundle runs in",
    );
  }
  if (isOlder(found.version, minimum))
    throw new Error(
      `Expected ${wanted} ${minimum} or later, this is ${found.version}: reapool needs an upgrade of ${wanted}`,
    );
}

function isOlder(version: string, minimum: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map((part) => Number.parseInt(part, 10));
  const [wantedMajor = 0, wantedMinor = 0] = minimum.split(".").map(Number);
  return major < wantedMajor || (major === wantedMajor && minor < wantedMinor);
}
