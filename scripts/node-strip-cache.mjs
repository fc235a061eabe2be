// Test-only preload: Node 22 keeps nothing of what it has stripped of its types, and loads its stripper into every
// process anew, which took two thirds of the start of a worker. Node 24 and later keep it in their compile cache.
import { createHash } from "node:crypto";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { registerHooks, stripTypeScriptTypes } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = new URL("../", import.meta.url).href;
const folder = process.env.NODE_COMPILE_CACHE;

registerHooks({
  load(url, context, nextLoad) {
    const isOurs = url.startsWith(root) && url.endsWith(".ts") && !url.includes("/node_modules/");
    if (!isOurs || folder === undefined) return nextLoad(url, context);
    return {
      format: "module",
      source: stripped(readFileSync(fileURLToPath(url), "utf8")),
      shortCircuit: true,
    };
  },
});

/** Found by its content, so it is never out of date. */
function stripped(source) {
  const file = join(
    folder,
    `${createHash("sha256").update(process.version).update(source).digest("hex")}.js`,
  );
  try {
    return readFileSync(file, "utf8");
  } catch {
    // The first to need it, or a user who must not read it.
  }
  const result = stripTypeScriptTypes(source);
  try {
    writeFileSync(`${file}.${process.pid}`, result);
    renameSync(`${file}.${process.pid}`, file); // whole or not at all: a test may kill this process
  } catch {
    // Not kept: the next one strips it again.
  }
  return result;
}
