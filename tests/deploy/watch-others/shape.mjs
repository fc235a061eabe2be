/** The same under other watchers. */
export default {
  title: "Other watchers",
  build: [],
  moved: ["."],
  run: {
    node: "node src/watch.mjs node_modules/.bin/tsx watch src/server.mjs",
    bun: "node src/watch.mjs bun --watch src/server.mjs",
  },
};
