import { defineConfig } from "vite";

export default defineConfig({
  build: {
    ssr: true,
    target: "node22",
    rolldownOptions: {
      input: { app: "src/app.ts", work: "src/work.ts", "worker-main": "reapool/worker-main" },
      // All beside each other: the worker program is looked for beside the chunk that has reapool in it.
      output: { entryFileNames: "[name].mjs", chunkFileNames: "[name]-[hash].mjs" },
    },
  },
  ssr: { noExternal: true },
});
