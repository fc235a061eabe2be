/** What `import … from "reapool/worker"` is in Bun. */
export * from "@reapool/bun/worker";
