/** One file is host, worker and runtime: of Node 24, which builds it. */
export default {
  title: "Single executable application of Node",
  build: [
    "npx esbuild src/app.ts --bundle --platform=node --format=cjs --outfile=dist/app.cjs",
    "node --experimental-sea-config sea-config.json",
    'cp "$(command -v node)" app',
    "npx postject app NODE_SEA_BLOB dist/app.blob --sentinel-fuse NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2",
  ],
  moved: ["app"],
  run: { node24: "./app" },
};
