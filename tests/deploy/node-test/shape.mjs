/** A test file in the runner of Node. */
export default {
  title: "node:test",
  build: [],
  moved: ["."],
  run: { node: "node --test" },
};
