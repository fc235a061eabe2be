/**
 * What `require("reapool")` is in Node and in Deno, which ask for it by the same conditions, and where `require` takes
 * CommonJS alone. Written so that Deno can read the names off it: there, `import()` in a CommonJS module takes this, too.
 */
if ("Deno" in globalThis) module.exports = require("@reapool/deno");
else module.exports = require("@reapool/node");
