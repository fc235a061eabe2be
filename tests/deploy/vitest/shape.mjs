/** A test file in Vitest. */
export default {
  title: "Vitest",
  build: [],
  moved: ["."],
  run: { node: "npx vitest run" },
};
