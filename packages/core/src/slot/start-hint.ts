/** What a failed start likely means where its error does not say it. PURE; what it looks for are the words of the engines. */
import { messageOf } from "../message-of.ts";

/** Begins with a semicolon; empty where nothing is known. */
export function startHint(error: unknown): string {
  const message = messageOf(error);
  return HINTS.find(([patterns]) => patterns.some((pattern) => pattern.test(message)))?.[1] ?? "";
}

const HINTS: readonly (readonly [patterns: readonly RegExp[], hint: string])[] = [
  [
    [/^Only URLs with a scheme in: .*'https?:'/, /\breading "https?:/],
    "; only Deno loads a module over the network: save it as a file, or run the workers in Deno, by `worker.launcher`",
  ],
  [
    [
      /\bparentPort\b/,
      /^Cannot read properties of (?:null|undefined) \(reading '(?:on|once|addListener|addEventListener|postMessage|ref|unref|start)'\)/,
      /^(?:null|undefined) is not an object \(evaluating '[^']*\.(?:on|once|addListener|addEventListener|postMessage|ref|unref|start)'\)/,
      /^process\.send is not a function/,
      /^(?:self|onmessage|postMessage|importScripts|addEventListener) is not defined/,
      /^Can't find variable: (?:onmessage|importScripts)/,
    ],
    "; was the module written for worker_threads, fork() or a Web Worker? A worker of a pool has no `parentPort`, no " +
      "`process.send` and no `onmessage`: export a function, and it is called",
  ],
];
