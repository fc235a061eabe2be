/** For worker modules: `import { task } from "@reapool/node/worker"`. */
export * from "@reapool/core/worker";
