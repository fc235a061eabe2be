/** What `require("reapool/launcher")` is where `require` takes CommonJS alone. */
module.exports = require("@reapool/node/launcher");
