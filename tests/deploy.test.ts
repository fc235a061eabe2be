/**
 * docs/deploy.md says what the projects of tests/deploy do, which `npm run matrix` builds and starts: each of its blocks is
 * one of their files, word for word, or names commands that they run.
 *
 *     ```ts file=app/app.ts        the whole file
 *     ```ts part=app/check.ts      some lines of it, one below the other
 *     ```sh shape=import           commands of its `build` and `run`, one in each line
 *     ```text fails=bare           what a shape says that can't work
 *     ```sh                        what a user types where the project does it by a program of its own: registry.mjs or
 *                                  watch.mjs of tests/deploy/app
 */
import { existsSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { node24 } from "@reapool/runtimes";
import { describe, expect, it } from "vitest";

const SHAPES = fileURLToPath(new URL("deploy/", import.meta.url));
const DOCUMENT = readFileSync(new URL("../docs/deploy.md", import.meta.url), "utf8");
const blocks = [...DOCUMENT.matchAll(/^```([^\n`]*)\n([\s\S]*?)^```$/gm)].map(([, info = "", text = ""]) => ({
  info,
  text,
}));
const names = readdirSync(SHAPES).filter((name) => existsSync(join(SHAPES, name, "shape.mjs")));

/** What takes no tools has no lockfile, and what installs by itself has none of npm. */
const isLocked = (name: string) => existsSync(join(SHAPES, name, "package-lock.json"));

interface Shape {
  readonly title: string;
  readonly build: readonly string[];
  readonly run: Readonly<Record<string, string | false>>;
  readonly fails?: RegExp;
}

const readShape = async (name: string): Promise<Shape> =>
  ((await import(pathToFileURL(join(SHAPES, name, "shape.mjs")).href)) as { default: Shape }).default;

// The same text in each runtime, so once is enough.
describe.skipIf(node24 === undefined || process.execPath !== realpathSync(node24))("docs/deploy.md", () => {
  for (const { info, text } of blocks.filter(({ info }) => info !== "sh")) {
    const [, how, what = ""] = /^\w+ (file|part|shape|fails)=(\S+)$/.exec(info) ?? [];
    it(`has a block of ${info}`, async () => {
      expect(
        how,
        "the block must say which file it is, or of which shape: `file=`, `part=`, `shape=` or `fails=`",
      ).toBeDefined();
      if (how === "shape") {
        const { build, run } = await readShape(what);
        expect([...build, ...Object.values(run)]).toEqual(expect.arrayContaining(text.trimEnd().split("\n")));
        return;
      }
      if (how === "fails") {
        expect(text).toMatch((await readShape(what)).fails as RegExp);
        return;
      }
      const file = readFileSync(join(SHAPES, what), "utf8");
      if (how === "file") expect(text).toBe(file);
      else expect(`\n${file}`).toContain(`\n${text}`);
    });
  }

  it.each(names.filter(isLocked))("finds no host in the lockfile of %s", (name) => {
    const lockfile = readFileSync(join(SHAPES, name, "package-lock.json"), "utf8");
    const how =
      "made with `npm install --package-lock-only --omit-lockfile-registry-resolved`, and `funding` taken out";
    expect(lockfile.match(/\w+:\/\/[^"]+/)?.[0], how).toBeUndefined();
  });

  it.each(names)("has a section for %s", async (name) => {
    const { title } = await readShape(name);
    expect(
      DOCUMENT.split("\n").filter((line) => /^###? /.test(line) && line.endsWith(`# ${title}`)),
    ).toHaveLength(1);
  });
});
