import { createPool } from "reapool";
import { assertNoLeftovers } from "reapool/testing";
import { afterAll, test } from "vitest";
import { check } from "./src/check.ts";
import type * as Work from "./src/work.ts";

afterAll(() => assertNoLeftovers());

test("a crash costs one call", async () => {
  const pool = createPool<typeof Work>(new URL("./src/work.ts", import.meta.url), { maxWorkers: 2 });
  await check(pool); // calls, a crash, another call, and the close
});
