// Builds every package: JavaScript by tsup, declarations by tsc.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";

const run = (command, args, cwd) => {
  const { status } = spawnSync(command, args, { stdio: "inherit", cwd });
  if (status !== 0) process.exit(status ?? 1);
};

// A package without a configuration is bundled into others.
const packages = readdirSync("packages").filter((name) => existsSync(`packages/${name}/tsup.config.ts`));
for (const name of packages) run("tsup", ["--silent"], `packages/${name}`);
run("tsc", ["-b", "--force"], ".");
