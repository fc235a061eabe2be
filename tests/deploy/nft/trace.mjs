import { cpSync } from "node:fs";
import { nodeFileTrace } from "@vercel/nft";

const { fileList, warnings } = await nodeFileTrace(["dist/app.js"]);
if (warnings.size > 0) throw new AggregateError(warnings);
for (const file of ["package.json", ...fileList]) cpSync(file, `traced/${file}`);
