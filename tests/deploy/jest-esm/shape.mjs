/** A test file in Jest with ES modules. */
export default {
  title: "Jest with ES modules",
  build: [],
  moved: ["."],
  run: { node: "npm test" },
  warns: /experimental-vm-modules|VM Modules is an experimental feature|--trace-warnings/,
};
