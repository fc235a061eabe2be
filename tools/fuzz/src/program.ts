/** The program for a runtime: fuzzes and reports on stdout, one line of JSON each time. */

import { writeSync } from "node:fs";
import process from "node:process";
import { breachOf } from "./bounds.ts";
import { fromHex, toHex } from "./bytes.ts";
import { ALL_TARGETS, fuzz } from "./loop.ts";
import type { Order, Told } from "./orders.ts";

const BEAT_MS = 200;

const tell = (told: Told): void => void writeSync(1, `${JSON.stringify(told)}\n`);

(Error as { stackTraceLimit?: number }).stackTraceLimit = 0; // nearly every input throws, and capturing traces would take most of the time

const order = JSON.parse(process.argv[2] as string) as Order;
if (order.input !== undefined) {
  const { target: name, hex } = order.input;
  const target = ALL_TARGETS().find((candidate) => candidate.name === name);
  const what = target === undefined ? "there is no such target" : breachOf(target, fromHex(hex));
  tell({ inputs: 1, found: what === undefined ? [] : [{ target: name, what, index: 0, hex }] });
} else {
  let told = 0;
  const { inputs, found } = fuzz({
    ...order,
    onInput: (index) => {
      if (!order.isTraced && performance.now() - told < BEAT_MS) return;
      told = performance.now();
      tell({ at: index });
    },
  });
  tell({ inputs, found: found.map(({ input, ...of }) => ({ ...of, hex: toHex(input) })) });
}
