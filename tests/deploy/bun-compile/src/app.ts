import { createPool } from "reapool";
import { serve } from "reapool/worker";
import { check } from "./check.ts";
import * as work from "./work.ts";

// In a worker this never resolves. What the pool is given names no file: any URL will do.
void serve(work).then(() => check(createPool<typeof work>("app:work", { maxWorkers: 2 })));
