export default {
  output: "standalone",
  serverExternalPackages: ["reapool"],
  // What the workers load is not seen by Next: their modules, and `reapool/worker`, which these import.
  outputFileTracingIncludes: {
    "/**": [
      "./workers/**/*",
      "./node_modules/reapool/dist/**/*.js",
      "./node_modules/@reapool/*/dist/**/*.js",
    ],
  },
};
