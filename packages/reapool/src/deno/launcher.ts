/** What `import … from "reapool/launcher"` is in Deno. */
export * from "@reapool/deno/launcher";
