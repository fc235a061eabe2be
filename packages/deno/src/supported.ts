/** Imported first: in another runtime, what else this adapter imports would fail in that runtime's own words. */
import { assertRuntime } from "@reapool/core";

assertRuntime("deno", "2.8");
