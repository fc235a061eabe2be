/** A test file in Vitest. */
export default {
  title: "Vitest",
  installs: true, // some of what Vite depends on is for Windows alone, and not in every registry: `npm ci` fails there
  build: ["npm install --no-audit --no-fund --loglevel=error vitest@5.1.1 $PACKED/*.tgz"],
  moved: ["."],
  run: { node: "npx vitest run" },
};
