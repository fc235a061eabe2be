/** Compiled by tsc; the files that nft traces are copied, and nothing else. */
export default {
  title: "@vercel/nft",
  build: ["npx tsc", "node trace.mjs"],
  moved: ["traced"],
  run: { node: "node traced/dist/app.js" },
};
