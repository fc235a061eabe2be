/** Both ways of loading lead to one copy: a pool that knows of a task's context, and classes that are the same. */
const assert = require("node:assert/strict");

async function main() {
  for (const entry of ["reapool", "reapool/launcher"]) {
    const imported = await import(entry);
    for (const [name, value] of Object.entries(require(entry)))
      assert.equal(imported[name], value, `${entry}: ${name}`);
  }
}

main();
