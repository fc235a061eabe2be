/** For worker modules: `import { task } from "@reapool/deno/worker"`. */
import { makeServe, type Serve } from "@reapool/core/own-program";
import { takeAddress } from "./address.ts";

export * from "@reapool/core/worker";

export const serve: Serve = makeServe({
  takeAddress,
  start: async (address, importModule) => (await import("./worker-host.ts")).start(address, importModule),
});
