// Installs what the lockfile asks for, if node_modules does not have it yet. Runs before `npm start` and
// `npm test` on a bare machine: plain JavaScript, no dependencies, any Node from 20 on.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";

const root = new URL("../", import.meta.url);
const stamp = new URL("node_modules/.bootstrap-stamp", root);
const read = (url) => (existsSync(url) ? readFileSync(url, "utf8") : "");

const wanted = createHash("sha256")
  .update(read(new URL("pnpm-lock.yaml", root)))
  .update(read(new URL("pnpm-workspace.yaml", root)))
  .digest("hex");

if (read(stamp) !== wanted) {
  console.error("Installing dependencies (once) ...");
  const { packageManager } = JSON.parse(read(new URL("package.json", root)));
  const install = spawnSync("npx", ["-y", packageManager, "install", "--frozen-lockfile"], {
    cwd: root,
    stdio: ["ignore", 2, "inherit"],
    shell: process.platform === "win32",
  });
  if (install.status !== 0) {
    console.error(`Expected the installation to succeed; it ended with ${install.status ?? install.error}`);
    process.exit(install.status ?? 1);
  }
  writeFileSync(stamp, wanted);
}
