import { join } from "node:path";
import { createPool, launcher } from "reapool";
import { check } from "./check.ts";
import type * as Work from "./work.ts";

const pool = createPool<typeof Work>(join(__dirname, "work.cjs"), {
  maxWorkers: 2,
  worker: { launcher: launcher({ program: join(__dirname, "worker-main.cjs") }) },
});

void check(pool);
