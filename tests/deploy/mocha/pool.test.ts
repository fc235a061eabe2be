import { after, it } from "mocha";
import { createPool } from "reapool";
import { assertNoLeftovers } from "reapool/testing";
import { check } from "./src/check.ts";
import type * as Work from "./src/work.ts";

after(() => assertNoLeftovers());

it("a crash costs one call", async function () {
  this.timeout(30_000); // 2 s is little for the start of a process on a busy machine
  const pool = createPool<typeof Work>(new URL("./src/work.ts", import.meta.url), { maxWorkers: 2 });
  await check(pool); // calls, a crash, another call, and the close
});
