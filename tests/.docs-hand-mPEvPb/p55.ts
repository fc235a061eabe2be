import { createPool } from "@reapool/deno";import type * as Work from "./work.ts";
console.log("--- line 55 ---");
 // or bun, or deno

const module = new URL("./work.ts", import.meta.url);

// after
const pool = createPool<typeof Work>(module, { minWorkers: 1, maxWorkers: 4, maxQueue: "auto" });
console.log(await pool.run("divide", [6, 3], { timeout: 5_000 }));
await pool.close();
{
console.log("--- line 112 ---");
// after
const pool = createPool<typeof Work>(module, { maxWorkers: 4, recycle: { rss: 500 * 2 ** 20 } });
console.log(await pool.run("divide", [6, 3]));
await pool.close();
}
{
console.log("--- line 164 ---");
// after
const pool = createPool<typeof Work>(module, { maxWorkers: 4, maxQueue: 100 });
const onProgress = (n: number) => console.log(n);
console.log(await pool.run("count", [3], { onProgress, timeout: 5_000 }));
await pool.close();
}
{
console.log("--- line 219 ---");
// after
const pool = createPool<typeof Work>(module, { maxWorkers: 2, worker: { data: { table: "users" } } });
console.log(await pool.run("find", ["user 7"], { key: "user 7", retries: 3 }));
await pool.close();
}
{
console.log("--- line 268 ---");
// after
const pool = createPool<typeof Work>(module, { minWorkers: 1, maxWorkers: 4, idleTimeout: 60_000 });
const items: [number, number][] = [[6, 3], [8, 2]];
for await (const quotient of pool.map("divide", items)) console.log(quotient);
await pool.close();
}
