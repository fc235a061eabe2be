/** Where Bun's parser stopped: its messages have a position, and several of one file are in an AggregateError. */
import type { SyntaxPlace } from "@reapool/core/serve";
import { modulePath } from "./import-module.ts";
import { importerOf } from "./missing-export.ts";

export function locate(error: Error): SyntaxPlace | undefined {
  const all: readonly unknown[] = error instanceof AggregateError ? error.errors : [error];
  const [first] = all;
  if (first instanceof BuildMessage && first.position !== null) {
    const { file, line, column } = first.position;
    const more = all.length > 1 ? ` (the first of ${all.length} errors)` : "";
    return { file, line, column, reason: `${first.message}${more}` };
  }
  return error instanceof SyntaxError ? placeOfEngine(error) : undefined;
}

/** What Bun's own parser lets pass and the engine's does not. What is parsed by a call, as by JSON.parse, has a stack. */
function placeOfEngine(error: SyntaxError): SyntaxPlace | undefined {
  if (error.stack !== undefined) return undefined;
  const importer = modulePath === undefined ? undefined : importerOf(error.message, modulePath);
  if (importer !== undefined) return { ...importer, reason: error.message.replace(/\.$/, "") };
  const { sourceURL, line, column } = error as { sourceURL?: unknown; line?: unknown; column?: unknown };
  if (typeof sourceURL !== "string" || typeof line !== "number") return undefined;
  return { file: sourceURL, line, column: typeof column === "number" ? column : undefined };
}
