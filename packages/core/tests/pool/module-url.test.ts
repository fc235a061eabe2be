import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { resolveModule } from "../../src/pool/module-url.ts";

describe("the worker module", () => {
  test.each<[string, string | URL, string]>([
    ["a URL", new URL("file:///app/work.js"), "file:///app/work.js"],
    ["the text of a URL", "file:///app/work.js", "file:///app/work.js"],
    ["a URL with a query", "file:///app/work.js?v=1#a", "file:///app/work.js?v=1#a"],
    ["a URL that is not normal", "file:///app/../app/./work.js", "file:///app/work.js"],
    ["an http URL", "https://example.com/work.js", "https://example.com/work.js"],
    ["a data URL", "data:text/javascript,export%20default%201", "data:text/javascript,export%20default%201"],
    ["an absolute path", "/app/work.js", "file:///app/work.js"],
    ["a path with a space", "/my app/work.js", "file:///my%20app/work.js"],
    ["a path with a percent sign", "/100%/a%20b.js", "file:///100%25/a%2520b.js"],
    ["a path with a hash and a question mark", "/c#/why?.js", "file:///c%23/why%3F.js"],
    ["a path of another script", "/café/😀.js", "file:///caf%C3%A9/%F0%9F%98%80.js"],
    ["a path with dots", "/app/../lib/./work.js", "file:///lib/work.js"],
    ["a path with a backslash in a name", "/app/a\\b.js", "file:///app/a%5Cb.js"],
    ["a path with a tab and a line break in a name", "/app/a\tb\nc\rd.js", "file:///app/a%09b%0Ac%0Dd.js"],
    ["a path with a comma", "/app/a,b.js", "file:///app/a,b.js"],
    ["a URL with an encoded comma", "file:///app/a%2Cb.js?v=1%2C2", "file:///app/a,b.js?v=1%2C2"],
    ["a path that ends in a space", "/app/work ", "file:///app/work%20"],
  ])("may be %s", (_, module, url) => {
    expect(resolveModule(module)).toBe(url);
  });

  test("as any absolute path leads back to that path", () => {
    const name = fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 }).filter((text) => {
      return !/[/\0\uFFFD]/.test(text) && !/^\.{1,2}$/.test(text) && !/^[a-z][:|]$/i.test(text);
    });
    fc.assert(
      fc.property(fc.array(name, { minLength: 1, maxLength: 4 }), (names) => {
        const path = `/${names.join("/")}`;
        const url = new URL(resolveModule(path));
        expect([url.protocol, url.host, url.search, url.hash]).toEqual(["file:", "", "", ""]);
        expect(decodeURIComponent(url.pathname)).toBe(path.toWellFormed());
      }),
      { numRuns: 500 },
    );
  });

  test.each<[string, unknown, string]>([
    ["a relative path", "./work.js", '"./work.js"'],
    ["a bare name", "work", '"work"'],
    ["an empty text", "", '""'],
    ["undefined", undefined, "undefined"],
    ["null", null, "null"],
    ["a number", 5, "number"],
    ["a function", () => {}, "function"],
    ["an object with an href", { href: "file:///app/work.js" }, "object"],
  ])("may not be %s, and the error says what to write", (_, module, received) => {
    expect(() => resolveModule(module)).toThrow(
      new TypeError(
        `Expected the worker module as a URL or an absolute path, received ${received}; ` +
          'write new URL("./work.ts", import.meta.url)',
      ),
    );
  });
});
