/** What `require("reapool/worker")` is: see index.cjs. */
if ("Deno" in globalThis) module.exports = require("@reapool/deno/worker");
else module.exports = require("@reapool/node/worker");
