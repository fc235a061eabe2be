/** A program that is loaded again at each change, by the watchers that the runtimes bring. */
export default {
  title: "Watchers",
  build: [],
  moved: ["."],
  run: {
    node: "node watch.mjs node --watch server.ts",
    bun: "node watch.mjs bun --hot server.ts",
    deno: "node watch.mjs deno run -A --watch server.ts",
  },
};
