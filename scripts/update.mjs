// Builds what has changed since the last build, JavaScript and declarations; leaves alone what is up to date.
import { spawnSync } from "node:child_process";
import { updateJavaScript } from "./javascript.mjs";

await updateJavaScript();
const { status } = spawnSync("tsc", ["-b"], { stdio: "inherit" });
process.exitCode = status ?? 1;
