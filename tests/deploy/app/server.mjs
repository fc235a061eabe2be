import { createPool } from "reapool";
import { check } from "./check.ts";

const work = new URL("./work.ts", import.meta.url);
await check(createPool(work, { maxWorkers: 2 }));

// This one is for as long as the program runs: no line of it closes the pool.
const pool = createPool(work, { minWorkers: 2, maxWorkers: 2 });
await pool.ready();
setInterval(() => {}, 1_000); // in the place of a server
console.log("ready");
