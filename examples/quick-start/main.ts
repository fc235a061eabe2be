/** The smallest program with a pool: the same in Node, Bun and Deno. */
import { createPool } from "reapool";
import type * as Work from "./work.ts";

const pool = createPool<typeof Work>(new URL("./work.ts", import.meta.url), { maxWorkers: 2 });

console.log(await pool.run("add", [1, 2])); // 3
console.log(await pool.proxy.shout("nothing left over")); // the same as pool.run("shout", [...])
await pool.close();
