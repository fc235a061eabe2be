/** Imported first: in another runtime, what else this adapter imports would fail in that runtime's own words. */
import { assertRuntime } from "@reapool/core";

assertRuntime("bun", "1.4");
