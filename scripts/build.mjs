// Builds every package: JavaScript by tsup, declarations by tsc.
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";

const run = (command, args, cwd) => {
  const { status } = spawnSync(command, args, { stdio: "inherit", cwd });
  if (status !== 0) process.exit(status ?? 1);
};

for (const name of readdirSync("packages")) run("tsup", ["--silent"], `packages/${name}`);
run("tsc", ["-b", "--force"], ".");
