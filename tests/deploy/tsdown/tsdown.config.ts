import { defineConfig } from "tsdown";

export default defineConfig({
  entry: { app: "src/app.ts", work: "src/work.ts", "worker-main": "reapool/worker-main" },
  platform: "node",
  dts: false,
  deps: { alwaysBundle: [/.*/] },
});
