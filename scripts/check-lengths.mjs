// A part of `npm run lint`: no source file is longer than 350 lines. One that grows beyond has more than one job.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";

const MOST = 350;
const SOURCES = ["*.ts", "*.mjs", "*.js"];

const listed = execFileSync("git", ["ls-files", "-co", "--exclude-standard", "--", ...SOURCES], {
  encoding: "utf8",
});
const tooLong = listed
  .trimEnd()
  .split("\n")
  .filter((file) => existsSync(file)) // listed, but deleted and not yet committed
  .map((file) => ({ file, lines: readFileSync(file, "utf8").split("\n").length - 1 }))
  .filter(({ lines }) => lines > MOST);

for (const { file, lines } of tooLong) console.error(`${file} has ${lines} lines, expected at most ${MOST}`);
process.exitCode = tooLong.length > 0 ? 1 : 0;
