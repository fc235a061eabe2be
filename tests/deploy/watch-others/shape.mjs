/** The same under other watchers. */
export default {
  title: "Other watchers",
  build: [],
  moved: ["."],
  run: {
    node: "node watch.mjs npx tsx watch server.ts",
    bun: "node watch.mjs bun --watch server.ts",
  },
};
