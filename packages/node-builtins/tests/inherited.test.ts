import { describe, expect, test } from "vitest";
import { inheritedFlags, inheritedVariables, TABLES } from "../src/inherited.ts";

const HERE = ["/app"];
const node = (...flags: string[]) => inheritedFlags(flags, "node", HERE);
const bun = (...flags: string[]) => inheritedFlags(flags, "bun", HERE);

describe.each(["node", "bun"] as const)("the table of %s", (runtime) => {
  const { leftOut, path, module } = TABLES[runtime];

  test.each(Object.entries(leftOut))("leaves out %s, and its value: %s", (flag, takesValue) => {
    const kept = ["--no-warnings", "--title", "host"];
    const separate = takesValue ? [flag, "-value"] : [flag];
    expect(inheritedFlags([...separate, ...kept], runtime, HERE)).toEqual(kept);
    if (flag.startsWith("--") && flag !== "--")
      expect(inheritedFlags([...kept, `${flag}=x y`], runtime, [])).toEqual(kept);
  });

  test.each([...path, ...module])("makes the file of %s absolute", (flag) => {
    const from = (...flags: string[]) =>
      inheritedFlags(flags, runtime, HERE).join(" ").replace("file://", "");
    expect(from(flag, "./a.mjs")).toBe(`${flag} /app/a.mjs`);
    expect(from(`${flag}=../a.mjs`, "--x")).toBe(`${flag}=/a.mjs --x`);
    expect(from(flag, "/b/a.mjs")).toBe(`${flag} /b/a.mjs`);
    expect(inheritedFlags([flag, "./a.mjs"], runtime, [])).toEqual([flag, "./a.mjs"]);
    expect(inheritedFlags([flag], runtime, HERE)).toEqual([flag]);
  });
});

test("a flag of the debugger is known in any spelling", () => {
  expect(
    node("--inspect", "--inspect=1", "--inspect-brk=h:1", "--inspect_port", "0", "--inspect_brk"),
  ).toEqual([]);
  expect(bun("--inspect=1", "--inspect-wait", "--inspect-brk=localhost:1/x")).toEqual([]);
});

test("a name that only begins like one is another flag", () => {
  const flags = ["--experimental-vm-modules", "--testing", "--inspected", "--evaluate", "--import-map=./x"];
  expect(node(...flags)).toEqual(flags);
});

test("a value that is named like a method of objects is a value", () => {
  expect(node("--title", "constructor", "toString")).toEqual(["--title", "constructor", "toString"]);
});

test("what is no path stays: a URL, a package, a builtin module, an asterisk", () => {
  const flags = ["--import=data:text/javascript,0", "--import", "file:///a.mjs", "-r", "node:fs"];
  expect(node(...flags, "--allow-fs-read=*", "--import=no-such-package")).toEqual([
    ...flags,
    "--allow-fs-read=*",
    "--import=no-such-package",
  ]);
});

test("a path of `--import` is a URL, encoded as the host read it; one of `-r` is a path", () => {
  expect(inheritedFlags(["--import", "./a b%20c.mjs", "-r", "./a b%20c.cjs"], "node", ["/x y"])).toEqual([
    "--import",
    "file:///x%20y/a%20b%20c.mjs",
    "-r",
    "/x y/a b%20c.cjs",
  ]);
});

test("of several folders that paths may count from, the one with the file is taken", () => {
  const flags = inheritedFlags(["-r", "./passwd"], "node", ["/nonexistent", "/etc"]);
  expect(flags).toEqual(["-r", "/etc/passwd"]);
});

describe("variables", () => {
  const inherit = (env: Record<string, string>, runtime: "node" | "bun") =>
    inheritedVariables((name) => env[name], runtime, HERE);

  test.each<[string, string | undefined]>([
    ["--inspect=0 --conditions=x", "--conditions=x"],
    ["--inspect-port 0  --inspect", undefined],
    ['--require "./a b.cjs" --no-warnings', '--require "/app/a b.cjs" --no-warnings'],
    ['--require="./a \\"b\\".cjs"', '"--require=/app/a \\"b\\".cjs"'],
    ["--env-file=x --max-old-space-size=100", "--max-old-space-size=100"],
  ])("with flags are read as flags: %s", (given, inherited) => {
    expect(inherit({ NODE_OPTIONS: given }, "node")).toEqual({ NODE_OPTIONS: inherited });
  });

  test("that need no change are not among them", () => {
    const env = {
      NODE_OPTIONS: '--conditions="a b"',
      BUN_INSPECT: "1",
      BUN_OPTIONS: "--inspect",
      PATH: "/bin",
    };
    expect(inherit(env, "node")).toEqual({});
    expect(inherit(env, "bun")).toEqual({ BUN_INSPECT: undefined, BUN_OPTIONS: undefined });
  });
});
