import { createPool } from "reapool";
import { launcher } from "reapool/launcher";
import { check } from "./check.ts";
import type * as Work from "./work.ts";

const program = new URL("./worker-main.js", import.meta.url);
const pool = createPool<typeof Work>(new URL("./work.js", import.meta.url), {
  maxWorkers: 2,
  worker: { launcher: launcher({ program }) },
});

void check(pool);
