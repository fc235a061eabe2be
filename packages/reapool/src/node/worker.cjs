/** What `require("reapool/worker")` is where `require` takes CommonJS alone: core has none. */
module.exports = require("@reapool/node/worker");
