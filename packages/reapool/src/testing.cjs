/** What `require("reapool/testing")` is where `require` takes CommonJS alone: core has none. */
module.exports = require("@reapool/node/testing");
