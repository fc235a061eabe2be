/** A test file in Jest as it comes: CommonJS. */
export default {
  title: "Jest",
  build: [],
  moved: ["."],
  run: { node: "npx jest" },
};
