// Test-only preload: Node 22 does not cache source whose types it has stripped, and loads its stripper into every
// process again, which took two thirds of the start of a worker. Node 24 and later keep it in their compile cache.
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

/** Keyed by content, so it is never out of date. */
function stripped(source) {
  const file = join(
    folder,
    `${createHash("sha256").update(process.version).update(source).digest("hex")}.js`,
  );
  try {
    return readFileSync(file, "utf8");
  } catch {
    // This is the first process to need it, or it runs as a user who must not read it.
  }
  const result = stripTypeScriptTypes(source);
  try {
    writeFileSync(`${file}.${process.pid}`, result);
    renameSync(`${file}.${process.pid}`, file); // atomic, because a test may kill this process
  } catch {
    // Not cached: the next process strips it again.
  }
  return result;
}
