/** One file is host, worker and runtime. */
export default {
  title: "deno compile",
  build: ["deno compile --allow-all --output app src/app.ts"],
  moved: ["app"],
  run: { deno: "./app" },
};
