import { createPool } from "reapool";
import { check } from "./check.ts";
import type * as Work from "./work.ts";

const work = new URL(/* webpackIgnore: true */ "./work.mjs", import.meta.url); // the entry `work`, once it is built
void check(createPool<typeof Work>(work, { maxWorkers: 2 }));
