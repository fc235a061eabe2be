/** What `import … from "reapool/launcher"` is in Bun. */
export * from "@reapool/bun/launcher";
