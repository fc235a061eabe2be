/** What `import … from "reapool"` is in Node. */
export * from "@reapool/node";
