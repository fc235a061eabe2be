import { describe, expect, it } from "vitest";
import { mismatch, type Running, runningIn } from "../../src/port/assert-runtime.ts";

const node = (version: string): Running => ({ name: "Node", version });
const bun = (version: string): Running => ({ name: "Bun", version });
const deno = (version: string): Running => ({ name: "Deno", version });

describe("the runtime of an adapter", () => {
  const scopes: [string, object, Running | undefined][] = [
    ["Node", { process: { versions: { node: "24.21.0" } } }, node("24.21.0")],
    [
      "Bun, which has a process",
      { process: { versions: { node: "24.3.0" } }, Bun: { version: "1.4.5" } },
      bun("1.4.5"),
    ],
    [
      "Deno, which has a process",
      { process: { versions: { node: "24.2.0" } }, Deno: { version: { deno: "2.9.6" } } },
      deno("2.9.6"),
    ],
    ["a browser", {}, undefined],
    ["a bundler's stand-in for process", { process: { env: {} } }, undefined],
    [
      "a variable of that name",
      { Deno: "no", Bun: null, process: { versions: { node: "22.12.0" } } },
      node("22.12.0"),
    ],
    ["a test's stand-in for Bun", { Bun: {}, process: { versions: { node: "22.12.0" } } }, node("22.12.0")],
  ];
  it.each(scopes)("is told by the globals: %s", (_, scope, expected) => {
    expect(runningIn(scope)).toEqual(expected);
  });

  it.each([
    [node("22.12.0"), "node", "22.12"],
    [node("22.12.0"), "node", "22.12.0"],
    [node("22.13.0-nightly2026"), "node", "22.12"],
    [node("23.0.0"), "node", "22.12"],
    [node("100.0.0"), "node", "22.12"],
    [bun("1.4.0"), "bun", "1.4"],
    [bun("1.4.0-canary.3"), "bun", "1.4"],
    [bun("1.10.0"), "bun", "1.4"],
    [deno("2.9.6"), "deno", "2.9.4"],
    [deno("2.9.6+ab12"), "deno", "2.9.6"],
    [deno("2.10.0"), "deno", "2.9.6"],
    [deno("3.0.0"), "deno", "2.9.6"],
  ] as const)("is new enough: %o for %s %s", (found, adapter, minimum) => {
    expect(mismatch(found, adapter, minimum)).toBe(undefined);
  });

  it.each([
    [node("20.20.2"), "node", "22.12", "Expected Node 22.12 or later, this is Node 20.20.2"],
    [node("22.11.0"), "node", "22.12", "Expected Node 22.12 or later, this is Node 22.11.0"],
    [bun("1.3.14"), "bun", "1.4", "Expected Bun 1.4 or later, this is Bun 1.3.14"],
    [bun("0.9.9"), "bun", "1.4", "Expected Bun 1.4 or later, this is Bun 0.9.9"],
    [deno("2.9.3"), "deno", "2.9.4", "Expected Deno 2.9.4 or later, this is Deno 2.9.3"],
    [deno("1.46.3"), "deno", "2.9", "Expected Deno 2.9 or later, this is Deno 1.46.3"],
  ] as const)("is too old: %o for %s %s", (found, adapter, minimum, message) => {
    expect(mismatch(found, adapter, minimum)).toBe(
      `${message}: upgrade it; for workers, \`launcher({ executable })\` names another`,
    );
  });

  it.each([
    [bun("1.4.5"), "node", "Expected @reapool/node to run in Node, this is Bun 1.4.5: "],
    [deno("2.9.6"), "node", "Expected @reapool/node to run in Node, this is Deno 2.9.6: "],
    [node("24.21.0"), "bun", "Expected @reapool/bun to run in Bun, this is Node 24.21.0: "],
    [deno("2.9.6"), "bun", "Expected @reapool/bun to run in Bun, this is Deno 2.9.6: "],
    [node("20.20.2"), "deno", "Expected @reapool/deno to run in Deno, this is Node 20.20.2: "],
    [undefined, "deno", "Expected @reapool/deno to run in Deno, this is something else: "],
  ] as const)("is another: %o for %s", (found, adapter, message) => {
    const said = mismatch(found, adapter, "1.0") ?? "";
    expect(said.slice(0, message.length)).toBe(message);
    expect(said).toContain('import "reapool"');
  });
});
