import { createPool } from "reapool";
import { check } from "./check.ts";
import type * as Work from "./work.ts";

const work = new URL("./work.js", import.meta.url); // traced as well: it must be there when nft reads this line
void check(createPool<typeof Work>(work, { maxWorkers: 2 }));
