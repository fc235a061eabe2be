const { join } = require("node:path");
const { createPool, WorkerExitError } = require("reapool");
const { assertNoLeftovers } = require("reapool/testing");

afterAll(() => assertNoLeftovers());

test("a crash costs one call", async () => {
  const pool = createPool(join(__dirname, "work.js"), { maxWorkers: 2 });
  expect(await pool.run("add", [1, 2])).toBe(3);
  expect(await pool.run("sizes", [new Map([["epoch", new Date(7)]])])).toEqual(new Map([["epoch", 7]]));
  const error = await pool.run("die").catch((error) => error);
  expect(error).toBeInstanceOf(WorkerExitError);
  expect(error.constructor.name).toBe("WorkerExitError");
  expect((await pool.run("whoAmI")).pid).not.toBe(process.pid);
  await pool.close();
  console.log("3 calls, 1 crash, closed");
}, 30_000);
