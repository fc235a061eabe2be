/** A server build with nothing external: worker module and worker program are entries. */
export default {
  title: "Vite, server build",
  build: ["npx vite build", 'test -z "$(npx vite build --logLevel warn 2>&1)"'], // a second time for the warnings
  moved: ["dist"],
  run: { node: "node dist/app.mjs" },
};
