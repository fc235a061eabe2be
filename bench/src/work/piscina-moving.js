/** Tasks whose bytes move back to piscina's host instead of being copied. */
import { move } from "piscina";
import { readAll as readAllOf, touch as touchOf } from "./tasks.js";

/** @param {Uint8Array} bytes */
export const touch = (bytes) => move(touchOf(bytes));

/** @param {Uint8Array} bytes */
export const readAll = (bytes) => move(readAllOf(bytes));
