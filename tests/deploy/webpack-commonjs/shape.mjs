/** The same in CommonJS, which is what webpack writes by default. */
export default {
  title: "webpack, CommonJS",
  build: ["npx webpack --fail-on-warnings"],
  moved: ["dist"],
  run: { node: "node dist/app.cjs" },
};
