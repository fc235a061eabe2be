import { createPool } from "reapool";
import { check } from "./check.ts";
import type * as Work from "./work.ts";

// Beside this file, with the same ending: app.ts and work.ts as they are written, app.js and work.js once they are built.
const ending = import.meta.url.split(".").at(-1);
const pool = createPool<typeof Work>(new URL(`./work.${ending}`, import.meta.url), { maxWorkers: 2 });

void check(pool);
