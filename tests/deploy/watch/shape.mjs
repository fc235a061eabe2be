/** A program that is loaded again at each change, by the watchers that the runtimes bring. */
export default {
  title: "Watchers",
  build: [],
  moved: ["."],
  run: {
    node: "node src/watch.mjs node --watch src/server.mjs",
    bun: "node src/watch.mjs bun --hot src/server.mjs",
    deno: "node src/watch.mjs deno run -A --watch src/server.mjs",
  },
};
