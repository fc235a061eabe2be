import { createPool } from "reapool";
import { check } from "./src/check.ts";
import type * as Work from "./src/work.ts";

const work = new URL("./src/work.ts", import.meta.url);
await check(createPool<typeof Work>(work, { maxWorkers: 2 }));

// This one is for as long as the program runs: no line of it closes the pool.
const pool = createPool<typeof Work>(work, { minWorkers: 2, maxWorkers: 2 });
await pool.ready();
setInterval(() => {}, 1_000); // in the place of a server
console.log("ready");
