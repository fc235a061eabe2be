/** The program of a fresh process: one contender through one workload. */
import { findEntry } from "./contenders/names.ts";
import { tellAndEnd } from "./report.ts";
import { findWorkload } from "./workloads/index.ts";

const [contenderName = "", workloadName = "", quick] = process.argv.slice(2);

await tellAndEnd(async (tell) => {
  const contender = await findEntry(contenderName).load();
  return findWorkload(workloadName).measure(contender, { quick: quick === "quick" }, tell);
});
