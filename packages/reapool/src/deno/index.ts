/** What `import … from "reapool"` is in Deno. */
export * from "@reapool/deno";
