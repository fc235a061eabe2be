/** What `import … from "reapool/worker"` is in Node. */
export * from "@reapool/node/worker";
