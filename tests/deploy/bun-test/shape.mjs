/** A test file in the runner of Bun. */
export default {
  title: "bun test",
  build: [],
  moved: ["."],
  run: { bun: "bun test" },
};
