import { join } from "node:path";
import { createPool } from "reapool";
import type * as Sums from "../../workers/sums.mts";

const worker = join(/* turbopackIgnore: true */ process.cwd(), "workers/sums.mts");
const pool = createPool<typeof Sums>(worker, { maxWorkers: 2 });

export const dynamic = "force-dynamic";
export async function GET(): Promise<Response> {
  return Response.json(await pool.run("add", [1, 2]));
}
