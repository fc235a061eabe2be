/** `tsc` changes the endings in imports and leaves that of the worker module, which is then missing. */
export default {
  title: "tsc, with the ending of the source",
  build: ["npx tsc"],
  moved: ["dist", "package.json", "node_modules"],
  run: { node: "node dist/app.js", bun: "bun dist/app.js", deno: "deno run -A dist/app.js" },
  fails: /there is work\.js beside it: name that, new URL\("\.\/work\.js", import\.meta\.url\)/,
};
