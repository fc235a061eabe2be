import { createPool } from "reapool";
import { assertNoLeftovers } from "reapool/testing";
import { check } from "./src/check.ts";
import type * as Work from "./src/work.ts";

// Deno looks itself: nothing that the pool has opened may be left, nor anything that it waits for.
const sanitized = { sanitizeResources: true, sanitizeOps: true };

Deno.test("a crash costs one call", sanitized, async () => {
  const pool = createPool<typeof Work>(new URL("./src/work.ts", import.meta.url), { maxWorkers: 2 });
  await check(pool); // calls, a crash, another call, and the close
  await assertNoLeftovers();
});
