/**
 * The pid of a worker that is in a PID namespace, as the host sees it: the process that the host has started only waits for it
 * (containment/namespace.ts). Reads what the kernel lists below that one.
 */
import { PID_INSIDE } from "../containment/namespace.ts";
import { readText } from "../read-text.ts";
import { type Files, readBelow } from "../reaping/process-table.ts";

/** The first process of the namespace, the worker, and what it may have started before it connected. */
const MOST = 64;

/** Undefined where it can't be found. */
export function outerPid(files: Files, leader: number): number | undefined {
  const depth = numbersOf(files, leader).length + 1;
  for (const pid of readBelow(files, leader, MOST).keys()) {
    const numbers = numbersOf(files, pid);
    if (numbers.length === depth && numbers.at(-1) === PID_INSIDE) return pid;
  }
  return undefined;
}

/** One in each namespace, from the reader's inwards. */
function numbersOf(files: Files, pid: number): number[] {
  const status = readText(files, `/proc/${pid}/status`);
  const numbers = /^NSpid:\s*(.*)$/m.exec(status ?? "")?.[1];
  return numbers === undefined ? [] : numbers.split(/\s+/).map(Number);
}
