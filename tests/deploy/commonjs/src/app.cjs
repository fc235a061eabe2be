const assert = require("node:assert/strict");
const { join } = require("node:path");
const { createPool, WorkerExitError } = require("reapool");

const pool = createPool(join(__dirname, "work.cjs"), { maxWorkers: 2 });

async function main() {
  assert.equal(await pool.run("add", [1, 2]), 3);
  assert.notEqual((await pool.run("whoAmI")).pid, process.pid);
  const error = await pool.run("die").catch((error) => error);
  assert.ok(error instanceof WorkerExitError);
  assert.equal(error.name, error.constructor.name);
  assert.equal(await pool.run("add", ["1", "2"]), "12");
  await pool.close();
  console.log("3 calls, 1 crash, closed");
}

main();
