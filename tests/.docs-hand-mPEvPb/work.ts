// work.ts
import { task } from "@reapool/deno/worker"; // or bun, or deno

export const divide = (a: number, b: number) => a / b;

export function count(to: number) {
  for (let n = 1; n <= to; n++) task().emit(n);
  return "done";
}

let table = "";
export const setup = (data?: { table: string }) => {
  table = data?.table ?? "";
};
export const find = (user: string) => `${user} in ${table}`;
