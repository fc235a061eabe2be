/** A host with an idle pool. Ends by itself after a while: messages would wake it up. */
import { adapter, WORK } from "./adapter.ts";
import { tell } from "./conversation.ts";
import type * as Work from "./work.ts";
import "./bare.ts"; // the same timer

const pool = adapter.createPool<typeof Work>(WORK, { minWorkers: 2, maxWorkers: 2 });
await pool.ready();
await Promise.all(Array.from({ length: 10 }, () => pool.run("add", [1, 2])));
tell({ type: "ready", workers: pool.workers.map(({ pid }) => pid as number) });
