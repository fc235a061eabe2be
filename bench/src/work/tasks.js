/**
 * The tasks that are measured, the same for every pool. Plain JavaScript, here and in what else a worker loads: Node
 * would spend more time on stripping types than on its own start.
 */
import { threadId } from "node:worker_threads";

export function noop() {}

/** @param {number} a @param {number} b */
export const add = (a, b) => a + b;

/**
 * For pools whose tasks have one argument.
 * @param {[number, number]} pair
 */
export const addPair = ([a, b]) => a + b;

/** @template T @param {T} value */
export const echo = (value) => value;

/**
 * Busy for so long by the clock, whatever else the CPU does in the meantime.
 * @param {number} [ms]
 */
export function spin(ms = 0) {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

/**
 * Another export that does the same: a pool may learn how long each of its functions takes.
 * @param {number} [ms]
 */
export const spinLong = (ms) => spin(ms);

export const pid = () => process.pid;

/**
 * Identifies the worker, after a pause in which the other workers can be asked too.
 * @param {number} [ms]
 */
export const identify = async (ms) => {
  await wait(ms);
  return `${process.pid} ${threadId}`;
};

/**
 * Writes one byte of it, and gives it back.
 * @param {Uint8Array} [bytes]
 */
export function touch(bytes = new Uint8Array(1)) {
  bytes[0] = (bytes[0] ?? 0) + 1;
  return bytes;
}

/**
 * Reads all of it, eight bytes at a time, and gives it back.
 * @param {Uint8Array} [bytes]
 */
export function readAll(bytes = new Uint8Array(8)) {
  let sum = 0;
  for (const number of new Float64Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >> 3)) sum += number;
  bytes[0] = sum === 0 ? 1 : 2;
  return bytes;
}

/**
 * An async function, not one that returns a promise: poolifier awaits nothing else.
 * @param {number} [ms]
 */
export const wait = async (ms) => {
  await new Promise((resolve) => setTimeout(resolve, ms));
};
