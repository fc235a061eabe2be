import { plus } from "./plus.mts";

export const add = (a: number, b: number): number => plus(a, b);
