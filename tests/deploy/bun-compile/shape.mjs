/** One file is host, worker and runtime. */
export default {
  title: "bun build --compile",
  build: ["bun build --compile src/app.ts --outfile=app"],
  moved: ["app"],
  run: { bun: "./app" },
};
