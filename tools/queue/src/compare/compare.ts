/** Plays the rows on both sides, one after another, in one runtime. Prints nothing but where it is. */
import type { Engine } from "@reapool/engines";
import type { Runtime } from "@reapool/measuring/runtimes";
import { prepare } from "../players/connect.ts";
import type { Outcome, Row } from "./row.ts";
import { killedHost, stoppedHost } from "./rows-of-hosts.ts";
import { brokenModule, cancelledListener, cancelledLoop, timedOutLoop } from "./rows-of-jobs.ts";
import { growingWorker, killedParent, killedWorker, recycledWorker, speed } from "./rows-of-processes.ts";
import { Stage } from "./stage.ts";

const ROWS: readonly Row[] = [
  ...[killedHost, stoppedHost, cancelledLoop, timedOutLoop, cancelledListener, brokenModule],
  ...[killedWorker, killedParent, growingWorker, recycledWorker, speed],
];

export interface Compared {
  readonly title: string;
  readonly sandbox: Outcome;
  readonly pool: Outcome;
}

export async function compare(runtime: Runtime, engine: Engine): Promise<Compared[]> {
  await prepare({ engine: engine.kind, url: engine.url });
  const found: Compared[] = [];
  for (const [number, row] of ROWS.entries()) {
    const play = (side: "sandbox" | "pool") => playSide(row, new Stage({ side, runtime, engine, number }));
    const [sandbox, pool] = [await play("sandbox"), await play("pool")];
    console.error(`${runtime.label}  ${row.title}\n  sandbox  ${sandbox.text}\n  pool     ${pool.text}`);
    found.push({ title: row.title, sandbox, pool });
  }
  return found;
}

async function playSide(row: Row, stage: Stage): Promise<Outcome> {
  try {
    return await row.play(stage);
  } catch (error) {
    return { text: `could not be played: ${(error as Error).message}`, isGood: false };
  } finally {
    await stage.close();
  }
}
