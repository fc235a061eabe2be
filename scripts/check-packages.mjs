// Tests the packages as users get them: packs them as for publishing, checks the tarballs, installs them
// into an empty project and runs the quick start there in every runtime, without sources or conditions.
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bun, deno, node22, node24, node26 } from "@reapool/runtimes";

const NAMES = ["core", "node", "bun", "deno"];
const RUNTIMES = {
  "node 22": [node22, "node-22.ts"],
  "node 24": [node24, "node.ts"],
  "node 26": [node26, "node.ts"],
  bun: [bun, "bun.ts"],
  deno: [deno, "run", "-A", "deno.ts"],
};

/** What a module is named by: at the end of a statement, or in `import("...")`. */
const IMPORT = /(?:^(?:(?:import|export)\b|\}).*?\bfrom |^import |\bimport\()"([^"]+)"/gm;

const { packageManager } = JSON.parse(readFileSync("package.json", "utf8"));
const folder = mkdtempSync(join(tmpdir(), "packages-"));
try {
  const tarballs = NAMES.map(pack);
  for (const [i, name] of NAMES.entries()) check(name, tarballs[i]);
  const project = install(tarballs);
  for (const name of NAMES) checkImports(name, join(project, "node_modules/@reapool", name));
  for (const [runtime, [executable, ...args]] of Object.entries(RUNTIMES)) {
    if (executable === undefined) console.log(`${runtime}: skipped, the runtime is not installed`);
    else {
      run(executable, args, project);
      console.log(`${runtime}: the quick start runs from the packed packages`);
      if (runtime.startsWith("node")) checkLibc(executable, project);
    }
  }
} finally {
  rmSync(folder, { recursive: true });
}

function pack(name) {
  run("npx", ["-y", packageManager, "pack", "--pack-destination", folder], `packages/${name}`);
  const tarball = readdirSync(folder).find((file) => file.startsWith(`reapool-${name}-`));
  return join(folder, tarball);
}

function check(name, tarball) {
  run("publint", ["--strict", tarball], `packages/${name}`);
  run("attw", [tarball, "--profile", "esm-only"], `packages/${name}`);
  console.log(`@reapool/${name}: publint and arethetypeswrong find nothing`);
}

/** What a package imports it must depend on: not on one of this repository that is not published, say. */
function checkImports(name, folder) {
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const known = [manifest.name, ...Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })];
  const isKnown = (module) =>
    /^(?:\.|node:|bun(?::|$))/.test(module) ||
    known.some((dependency) => `${module}/`.startsWith(`${dependency}/`));
  const files = readdirSync(join(folder, "dist"), { recursive: true });
  for (const file of files.filter((file) => /\.(?:js|d\.ts)$/.test(file))) {
    const source = readFileSync(join(folder, "dist", file), "utf8");
    for (const [, module] of source.matchAll(IMPORT)) {
      if (isKnown(module)) continue;
      console.error(`@reapool/${name}: ${file} imports ${module}, which is no dependency of the package`);
      process.exit(1);
    }
  }
  console.log(`@reapool/${name}: imports nothing but its dependencies`);
}

function install(tarballs) {
  const project = join(folder, "project");
  cpSync("examples/quick-start", project, { recursive: true });
  const dependencies = Object.fromEntries(
    NAMES.map((name, i) => [`@reapool/${name}`, `file:${tarballs[i]}`]),
  );
  writeFileSync(join(project, "package.json"), JSON.stringify({ type: "module", dependencies }));
  run("npm", ["install", "--no-audit", "--no-fund"], project);
  // Node 22 does not support `await using`.
  const quickStart = readFileSync(join(project, "node.ts"), "utf8");
  writeFileSync(
    join(project, "node-22.ts"),
    `${quickStart.replace("await using", "const")}await pool.close();\n`,
  );
  return project;
}

/** A plain install has what reaping takes. */
function checkLibc(executable, project) {
  const program = `import { runtime } from "@reapool/node";
    if (typeof runtime.openLibc() === "string") throw new Error(runtime.openLibc());`;
  run(executable, ["--input-type=module", "--eval", program], project);
}

/** Prints the output only if the command fails. */
function run(command, args, cwd) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: "utf8" });
  if (status === 0) return;
  console.error(`${command} ${args.join(" ")} in ${cwd} ended with ${status ?? error}\n${stdout}${stderr}`);
  process.exit(1);
}
