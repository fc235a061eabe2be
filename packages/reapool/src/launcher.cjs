/** What `require("reapool/launcher")` is: see index.cjs. */
if ("Deno" in globalThis) module.exports = require("@reapool/deno/launcher");
else module.exports = require("@reapool/node/launcher");
