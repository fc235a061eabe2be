/**
 * The program of a fresh process: the packages of one checkout, a fresh pool, a task that adds two numbers; its first
 * calls, then those of a warm pool. It waits first until the workers are up: starts have their own workload.
 */
import { tellAndEnd } from "../report.ts";
import { type Call, complete, keepInFlight, ratesOf } from "../workloads/drive.ts";
import { WORKERS } from "../workloads/workload.ts";

const [entry = "", inFlightText, coldText, warmText] = process.argv.slice(2);
const inFlight = Number(inFlightText);
const WORK = new URL("../work/tasks.js", import.meta.url);

await tellAndEnd(async () => {
  const { createPool }: typeof import("@reapool/node") = await import(entry);
  const pool = createPool(WORK, { minWorkers: WORKERS, maxWorkers: WORKERS });
  await pool.ready();

  let number = 0;
  const call: Call = (done) => {
    const own = ++number;
    void pool.run("add", [own, 1]).then((sum) => {
      if (sum !== own + 1) throw new Error(`Expected ${own} and 1 to be ${own + 1}, received ${sum}`);
      done();
    });
  };
  const cold = await complete(call, inFlight, Number(coldText));
  const warm = await keepInFlight(call, inFlight, Number(warmText));
  await pool.close();
  return { ...ratesOf("cold", cold), ...ratesOf("warm", warm) };
});
