/** What `import … from "reapool/worker"` is in Deno. */
export * from "@reapool/deno/worker";
