/** Where Deno's parser stopped: its errors say so themselves. */
import type { SyntaxPlace } from "@reapool/core/serve";

export function locate(): SyntaxPlace | undefined {
  return undefined;
}
