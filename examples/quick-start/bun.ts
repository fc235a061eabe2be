/** The smallest program with a pool, in Bun. The other two differ by one import. */
import { createPool } from "@reapool/bun";
import type * as Work from "./work.ts";

await using pool = createPool<typeof Work>(new URL("./work.ts", import.meta.url), { maxWorkers: 2 });

console.log(await pool.run("add", [1, 2])); // 3
console.log(await pool.proxy.shout("nothing left over")); // the same as pool.run("shout", [...])
