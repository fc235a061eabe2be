// Tests the packages as users get them: packs them as for publishing, checks the tarballs, copies each example out of the
// repository, installs them there and runs it, the quick start in every runtime, without sources or conditions.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { bun, deno, node22, node24, node26 } from "@reapool/runtimes";

const NAMES = ["core", "node", "bun", "deno", "reapool", "bullmq"];
const RUNTIMES = {
  "node 22": [node22],
  "node 24": [node24],
  "node 26": [node26],
  bun: [bun],
  deno: [deno, "run", "-A"],
};
const HOME = "https://github.com/reapool/reapool";

/** What a module is named by: at the end of a statement, or in `import("...")`. */
const IMPORT = /(?:^(?:(?:import|export)\b|\}).*?\bfrom |^import |\bimport\()"([^"]+)"/gm;
/** What nobody needs who installs a package. */
const UNWANTED = /\.(?:map|tsbuildinfo)$|^(?:src|tests)\/|^dist\/testing\/(?!leftovers\.)|tsconfig|tsup/;

const { packageManager } = JSON.parse(readFileSync("package.json", "utf8"));
const folder = mkdtempSync(join(tmpdir(), "packages-"));
try {
  const tarballs = NAMES.map(pack);
  for (const [i, name] of NAMES.entries()) check(name, tarballs[i]);
  const project = copyOut("quick-start", tarballs);
  for (const name of NAMES) checkContent(name, join(project, "node_modules", publishedName(name)));
  for (const [runtime, [executable, ...args]] of Object.entries(RUNTIMES)) {
    if (executable === undefined) console.log(`${runtime}: skipped, the runtime is not installed`);
    else {
      run(executable, [...args, "main.ts"], project);
      console.log(`${runtime}: the quick start runs from the packed packages`);
      if (runtime.startsWith("node")) checkLibc(executable, project);
    }
  }
  // The examples need no queue, whose engine's client npm would install for each of them.
  if (node24 !== undefined) await checkExamples(tarballs.filter((_, i) => NAMES[i] !== "bullmq"));
} finally {
  rmSync(folder, { recursive: true });
}

function publishedName(name) {
  return name === "reapool" ? name : `@reapool/${name}`;
}

function pack(name) {
  run("npx", ["-y", packageManager, "pack", "--pack-destination", folder], `packages/${name}`);
  const { version } = JSON.parse(readFileSync(`packages/${name}/package.json`, "utf8"));
  return join(folder, `${publishedName(name).replace("@", "").replace("/", "-")}-${version}.tgz`);
}

function check(name, tarball) {
  run("publint", ["--strict", tarball], `packages/${name}`);
  run("attw", [tarball, "--profile", "esm-only", "--ignore-rules", "false-esm"], `packages/${name}`);
  console.log(`${publishedName(name)}: publint and arethetypeswrong find nothing`);
}

/** What an installed package has, and what its files import. */
function checkContent(name, folder) {
  const full = publishedName(name);
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const fail = (message) => {
    console.error(`${full}: ${message}`);
    process.exit(1);
  };
  for (const file of ["README.md", "LICENSE"]) {
    if (!existsSync(join(folder, file))) fail(`Expected a ${file} in the tarball`);
  }
  for (const field of ["repository", "homepage", "bugs"]) {
    const url = manifest[field]?.url ?? manifest[field] ?? "";
    if (!url.includes(HOME)) fail(`Expected \`${field}\` to name ${HOME}, received ${url || "none"}`);
  }
  if (!(manifest.keywords?.length > 0)) fail("Expected `keywords`");
  const files = readdirSync(folder, { recursive: true }).map(String);
  const unwanted = files.find((file) => UNWANTED.test(file));
  if (unwanted !== undefined)
    fail(`Expected nothing in the tarball that users don't need, found ${unwanted}`);

  // What it imports it must depend on: not on one of this repository that is not published, say.
  const known = [manifest.name, ...Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })];
  const isKnown = (module) =>
    /^(?:\.|node:|bun(?::|$))/.test(module) ||
    known.some((dependency) => `${module}/`.startsWith(`${dependency}/`));
  for (const file of files.filter((file) => /^dist\/.*\.(?:m?js|d\.ts)$/.test(file))) {
    for (const [, module] of readFileSync(join(folder, file), "utf8").matchAll(IMPORT)) {
      if (!isKnown(module)) fail(`${file} imports ${module}, which is no dependency of the package`);
    }
  }
  console.log(`${full}: has what users need, imports nothing but its dependencies`);
}

/** An example as a user has it who copied its folder: with the packages of this run in the place of published ones. */
function copyOut(name, tarballs) {
  const project = join(folder, name);
  const isOwn = (path) => !path.includes("node_modules");
  cpSync(`examples/${name}`, project, { recursive: true, filter: isOwn });
  run("npm", ["install", "--no-save", "--omit=dev", "--no-audit", "--no-fund", ...tarballs], project);
  return project;
}

/** Beyond the quick start: in Node, and in Bun and Deno what starts these by itself. */
async function checkExamples(tarballs) {
  const examples = {
    digest: (project) =>
      run(node24, ["main.ts", "--json", "--no-kill", join(project, "node_modules/commander")], project),
    lab: (project) => run(node24, ["main.ts", "--json", "--row", "2"], project),
    docker: (project) => serves(project, {}),
    browser: (project) => serves(project, { CHROMIUM: chromium(), CHROMIUM_FLAGS: "--no-sandbox" }),
  };
  for (const [name, runExample] of Object.entries(examples)) {
    if (name === "browser" && chromium() === undefined) {
      console.log("examples/browser: skipped, chromium is not installed");
      continue;
    }
    const project = copyOut(name, tarballs);
    await runExample(project);
    console.log(`examples/${name}: runs where it was copied to`);
  }
}

function chromium() {
  const folders = (process.env.PATH ?? "").split(delimiter);
  return folders.map((path) => join(path, "chromium")).find((file) => existsSync(file));
}

/** A service that listens, and ends by SIGTERM. */
async function serves(project, env) {
  const service = spawn(node24, ["main.ts"], {
    cwd: project,
    env: { ...process.env, PORT: "0", ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  service.stdout.setEncoding("utf8").on("data", (text) => {
    if (!output.includes("listens") && text.includes("listens")) service.kill("SIGTERM");
    output += text;
  });
  const [code] = await once(service, "close");
  if (code === 0 && output.includes("closed after SIGTERM")) return;
  console.error(`Expected ${project} to listen and to close, it printed:\n${output}and exited with ${code}`);
  process.exit(1);
}

/** A plain install has what reaping takes. */
function checkLibc(executable, project) {
  const program = `import { runtime } from "@reapool/node";
    if (typeof runtime.openLibc() === "string") throw new Error(runtime.openLibc());`;
  run(executable, ["--input-type=module", "--eval", program], project);
}

/** Prints the output only if the command fails. */
function run(command, args, cwd) {
  const env = { ...process.env, DENO_NO_UPDATE_CHECK: "1" };
  for (const [name, file] of Object.entries({ EXAMPLE_BUN: bun, EXAMPLE_DENO: deno })) {
    if (file !== undefined) env[name] = file;
  }
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: "utf8", env });
  if (status === 0) return;
  console.error(`${command} ${args.join(" ")} in ${cwd} ended with ${status ?? error}\n${stdout}${stderr}`);
  process.exit(1);
}
