// What a tarball leaves out of a package's `dist`: whatever none of its published entries reaches, such as the contract
// of core, the parts that two of its entries share, and the declarations of what is bundled into others. Runs before a
// package is packed, in its folder, and writes dist/.npmignore.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const DIST = "dist";
/** What a module is named by: at the end of a statement, or in `import("…")`. One in a comment or in a message is none. */
const RELATIVE = /(?:^(?:(?:import|export)\b|\}).*?\bfrom |^import |\bimport\()["'](\.[^"']+)["']/gm;

const { publishConfig } = JSON.parse(readFileSync("package.json", "utf8"));
const reached = new Set();
for (const file of targets(publishConfig.exports)) if (file.startsWith(`./${DIST}/`)) reach(join(file));
const unreached = readdirSync(DIST, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name))
  .filter((file) => !reached.has(file));
writeFileSync(join(DIST, ".npmignore"), unreached.map((file) => `${file.slice(DIST.length)}\n`).join(""));

/** Each file that some condition of some entry names. */
function targets(entry) {
  return typeof entry === "string" ? [entry] : Object.values(entry).flatMap(targets);
}

function reach(file) {
  if (reached.has(file)) return;
  if (!existsSync(file)) throw new Error(`Expected ${file} to be there: build before packing`);
  reached.add(file);
  const isDeclaration = file.endsWith(".d.ts");
  for (const [, name] of readFileSync(file, "utf8").matchAll(RELATIVE)) {
    const target = join(dirname(file), name);
    reach(isDeclaration ? target.replace(/\.(m?)[jt]s$/, ".d.$1ts") : target);
  }
}
