/**
 * A worker module that is not there: the error says so, and names the file beside it that is meant. `tsc` changes the ending
 * of a file and not that in `new URL("./work.ts", …)`, and a bundler has to be told of the module at all. Owns the search
 * and the words; used only where a start has failed.
 */
import { codeOf } from "../bare.ts";
import { messageOf } from "../message-of.ts";
import type { ReadText } from "./json-place.ts";

/** What a build makes of which ending, the likeliest first; the other way round, what it was made of. */
const ENDINGS = ["js", "mjs", "cjs", "ts", "mts", "cts", "tsx", "jsx"];

/** The same error for any other failure. Never throws. */
export function ofMissingModule(thrown: unknown, module: string, readText: ReadText): unknown {
  try {
    if (!module.startsWith("file:") || !isMissing(module, readText)) return thrown;
    return explained(thrown, nextTo(module, readText));
  } catch {
    return thrown;
  }
}

function isMissing(url: string, readText: ReadText): boolean {
  try {
    readText(url);
    return false;
  } catch (error) {
    return codeOf(error) === "ENOENT"; // not one that it may not read
  }
}

/** The name of a file that differs in its ending alone; undefined if there is none. */
function nextTo(module: string, readText: ReadText): string | undefined {
  const { pathname } = new URL(module);
  const file = pathname.slice(pathname.lastIndexOf("/") + 1);
  const [, base = file, ending] = /^(.+)\.(\w+)$/.exec(file) ?? [];
  return ENDINGS.filter((other) => other !== ending)
    .map((other) => `${base}.${other}`)
    .find((name) => canRead(new URL(name, module).href, readText));
}

function canRead(url: string, readText: ReadText): boolean {
  try {
    readText(url);
    return true;
  } catch {
    return false;
  }
}

/** Its class and code stay, where it is an error; in Bun it may be none. */
function explained(thrown: unknown, beside: string | undefined): unknown {
  const what =
    beside === undefined
      ? "if the application was bundled, make the worker module an entry of its own, and name its output: docs/deploy.md"
      : `there is ${beside} beside it: name that, new URL("./${beside}", import.meta.url)`;
  const message = `${messageOf(thrown)}; ${what}`;
  if (thrown instanceof Error) {
    thrown.message = message;
    if (thrown.message === message) return thrown;
  }
  return Object.assign(new Error(message), { code: codeOf(thrown) });
}
