import { expect, test } from "vitest";
import { replaceEarlier } from "../src/pool/reloads.ts";

const COPY = "file:///app/node_modules/reapool.js";
const WORK = "file:///app/work.ts";

test("a pool replaces those of earlier loads of the same copy that have the same worker module", () => {
  const closed: string[] = [];
  const make = (name: string, load: object, module = WORK, copy = COPY) => {
    const pool = {
      close: () => {
        closed.push(name);
        return Promise.reject(new Error("a close that fails is no unhandled rejection"));
      },
    };
    replaceEarlier(copy, module, pool, load);
    return pool;
  };
  const [first, second, third] = [{}, {}, {}];
  const pools = [
    make("first", first),
    make("of the same load", first),
    make("of another module", first, "file:///app/other.ts"),
    make("of another copy", first, WORK, "file:///app/node_modules/other/node_modules/reapool.js"),
  ];
  expect(closed).toEqual([]);
  pools.push(make("second", second, `${WORK}?time=2`));
  expect(closed).toEqual(["first", "of the same load"]);
  pools.push(make("second again", second));
  expect(closed).toEqual(["first", "of the same load"]);
  pools.push(make("third", third));
  expect(closed.slice(2)).toEqual(["second", "second again"]);
  expect(pools).toHaveLength(7); // they are held until here
});
