/** What `import … from "reapool/launcher"` is in Node. */
export * from "@reapool/node/launcher";
