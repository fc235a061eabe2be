import { pathToFileURL } from "node:url";
import { createPool } from "reapool";
import { launcher } from "reapool/launcher";
import { check } from "./check.ts";
import type * as Work from "./work.ts";

const executable = pathToFileURL(process.execPath);
const program = new URL("./worker-main.mjs", executable);
const pool = createPool<typeof Work>(new URL("./work.mjs", executable), {
  maxWorkers: 2,
  worker: { launcher: launcher({ executable: "bun", program }) },
});

void check(pool);
