/** Frames and values built by hand from docs/protocol.md alone: right ones, and parts for wrong ones. */

export const VERSION = 4;

export const Type = {
  Init: 1,
  Call: 2,
  Cancel: 3,
  Leave: 4,
  Ping: 9,
  Hello: 16,
  Ready: 17,
  StartFailed: 18,
  Result: 19,
  Failure: 20,
  Unsendable: 21,
  Item: 22,
  Progress: 23,
  PullInput: 24,
  InputStop: 25,
  Pong: 26,
  Taken: 27,
  Bytes: 28,
  Dying: 29,
  Hearing: 30,
  Lane: 31,
  LaneTaken: 32,
  Laid: 33,
} as const;

export const Kind = { Undefined: 0, Json: 1, Graph: 2, Sharing: 3 } as const;

/** A list is bytes; a text is UTF-8. */
export type Part = Uint8Array | readonly number[] | string;

export function frame(type: number, task: number, ...payload: readonly Part[]): Uint8Array {
  const bytes = join(payload);
  return join([u32(bytes.length + 5), [type], u32(task), bytes]);
}

export function u32(number: number): number[] {
  return [number >>> 24, (number >>> 16) & 255, (number >>> 8) & 255, number & 255];
}

/** @param claimed The length written before the text, whatever its real one. */
export function value(kind: number, text: string, bytes: Part = "", claimed?: number): Uint8Array {
  const encoded = join([text]);
  return join([[kind], u32(claimed ?? encoded.length), encoded, bytes]);
}

export function json(of: unknown): Uint8Array {
  return value(Kind.Json, JSON.stringify(of));
}

export function graph(table: unknown, bytes: Part = ""): Uint8Array {
  return value(Kind.Graph, JSON.stringify(table), bytes);
}

/** A run time that was not measured, then the value. */
export function result(task: number, of: unknown): Uint8Array {
  return frame(Type.Result, task, u32(0), json(of));
}

export function join(parts: readonly Part[]): Uint8Array {
  const all = parts.map((part) => (typeof part === "string" ? new TextEncoder().encode(part) : part));
  const joined = new Uint8Array(all.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const bytes of all) {
    joined.set(bytes, at);
    at += bytes.length;
  }
  return joined;
}
