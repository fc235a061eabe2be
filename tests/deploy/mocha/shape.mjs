/** A test file in mocha. */
export default {
  title: "Mocha",
  build: [],
  moved: ["."],
  run: { node: "npx mocha pool.test.ts" },
};
