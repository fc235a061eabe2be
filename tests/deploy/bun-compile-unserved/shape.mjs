/** The program does not say that it can be a worker: it starts nothing. */
export default {
  title: "A single executable without serve",
  build: ["bun build --compile src/app.ts --outfile=app"],
  moved: ["app"],
  run: { bun: "./app" },
  fails: /single executable: call `await serve\(work\)` of reapool\/worker/,
};
