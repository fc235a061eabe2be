import assert from "node:assert/strict";
import { createPool, WorkerExitError } from "reapool";

const pool = createPool(new URL("./work.js", import.meta.url), { maxWorkers: 2 });

assert.equal(await pool.run("add", [1, 2]), 3);
assert.notEqual((await pool.run("whoAmI")).pid, process.pid);
const error = await pool.run("die").catch((error) => error);
assert.ok(error instanceof WorkerExitError);
assert.equal(error.name, error.constructor.name);
assert.equal(await pool.run("add", ["1", "2"]), "12");
await pool.close();
console.log("3 calls, 1 crash, closed");
