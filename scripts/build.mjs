// Builds every package: JavaScript by tsup, declarations by tsc.
import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { buildJavaScript, builtPackages } from "./javascript.mjs";

// tsup leaves declarations alone; those of a file that is gone must not be published.
for (const path of builtPackages()) rmSync(join(path, "dist"), { recursive: true, force: true });
await buildJavaScript();
const { status } = spawnSync("tsc", ["-b", "--force"], { stdio: "inherit" });
process.exitCode = status ?? 1;
