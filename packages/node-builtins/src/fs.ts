/**
 * `node:fs`, without what an import of it takes: that reads each of its exports, so that it loads its streams and promises as
 * well, for a tenth of the time in which a Node worker starts.
 */
import type * as Fs from "node:fs";

export const fs: typeof Fs = process.getBuiltinModule("node:fs");
