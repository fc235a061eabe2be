/** For worker modules: `import { task } from "reapool/worker"`. */
export * from "@reapool/core/worker";
