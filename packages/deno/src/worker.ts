/** For worker modules: `import { task } from "@reapool/deno/worker"`. */
export * from "@reapool/core/worker";
