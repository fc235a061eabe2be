/** What `import … from "reapool"` is in Bun. */
export * from "@reapool/bun";
