/** What `require("reapool/testing")` is: see index.cjs. */
if ("Deno" in globalThis) module.exports = require("@reapool/deno/testing");
else module.exports = require("@reapool/node/testing");
