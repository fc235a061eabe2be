import { createPool } from "reapool";
import { check } from "./check.ts";
import type * as Work from "./work.ts";

const pool = createPool<typeof Work>(new URL("./work.ts", import.meta.url), { maxWorkers: 2 });

void check(pool);
