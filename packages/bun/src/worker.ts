/** For worker modules: `import { task } from "@reapool/bun/worker"`. */
export * from "@reapool/core/worker";
