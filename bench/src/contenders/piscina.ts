/**
 * piscina, a fixed number of threads. One task at a time in each, as in a pool for blocking work. Its atomics, with
 * which a worker waits for the next task without its event loop, are the default and the fastest.
 */
import { fileURLToPath } from "node:url";
import { Piscina } from "piscina";
import { type Contender, type HandedOver, type OpenPool, WORK, warmUp } from "./contender.ts";

const MOVING = fileURLToPath(new URL("../work/piscina-moving.js", import.meta.url));

export const piscina: Contender = {
  async open({ workers, cold }) {
    const pool = new Piscina({ filename: fileURLToPath(WORK), minThreads: workers, maxThreads: workers });
    const opened: OpenPool = {
      run: (task, argument) => pool.run(argument, { name: task }),
      add: (a, b) => pool.run([a, b], { name: "addPair" }),
      close: () => pool.destroy(),
      handOver: (bytes) => handOver(pool, bytes),
    };
    if (!cold) await warmUp(opened, workers);
    return opened;
  },
};

function handOver(pool: Piscina, bytes: number): HandedOver {
  let held = new Uint8Array(bytes);
  return {
    send: async (task) => {
      held = await pool.run(Piscina.move(held), { filename: MOVING, name: task });
    },
  };
}
