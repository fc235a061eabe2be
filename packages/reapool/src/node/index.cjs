/** What `require("reapool")` is where `require` takes CommonJS alone. */
module.exports = require("@reapool/node");
