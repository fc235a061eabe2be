// A dry run of publishing to JSR: the core and Deno's adapter, from their sources, in a workspace of their own, as the
// repository itself is none of Deno's.
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deno } from "@reapool/runtimes";

const NAMES = ["core", "deno"];

if (deno === undefined) throw new Error("Expected deno to be installed");
const folder = mkdtempSync(join(tmpdir(), "jsr-"));
try {
  for (const name of NAMES) {
    const [from, to] = [join("packages", name), join(folder, name)];
    for (const part of ["src", "LICENSE", "README.md", "jsr.json"]) {
      cpSync(join(from, part), join(to, part), { recursive: true });
    }
  }
  writeFileSync(join(folder, "deno.json"), JSON.stringify({ workspace: NAMES, lock: false }));
  const env = { ...process.env, DENO_NO_UPDATE_CHECK: "1" };
  const { status } = spawnSync(deno, ["publish", "--dry-run", "--allow-dirty"], {
    cwd: folder,
    stdio: "inherit",
    env,
  });
  process.exitCode = status ?? 1;
} finally {
  rmSync(folder, { recursive: true });
}
