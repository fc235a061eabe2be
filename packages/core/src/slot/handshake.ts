/**
 * Checks what a worker sends before it takes calls: its Hello and its Ready. Owns the errors of a connection. A foreign
 * worker, written in another language, is one whose Hello says codec `"json"`; what it can be sent is in connection.ts.
 */
import { bare } from "../bare.ts";
import { ProtocolError, SerializationError } from "../errors.ts";
import { type Hello, PROTOCOL_VERSION, type Ready } from "../wire/frame.ts";
import { show } from "../wire/malformed.ts";

/** A Call has two bytes for the index of an export. */
const MAX_EXPORTS = 0xffff;
/** In UTF-16 units. Names are limited because errors quote them. */
const MAX_NAME = 1_024;

/** Undefined when this host can talk to the worker. Until here, only the token of the Hello has been checked. */
export function helloError({ version, runtime, codec }: Partial<Hello>): ProtocolError | undefined {
  if (version !== PROTOCOL_VERSION) {
    return new ProtocolError(
      `Expected a worker that speaks protocol version ${PROTOCOL_VERSION}, received version ${show(version)} ` +
        `(${typeof runtime === "string" ? runtime.slice(0, MAX_NAME) : "of no named runtime"}); install the same ` +
        "version of @reapool/core on both sides",
    );
  }
  if (codec !== "graph" && codec !== "json") {
    return new ProtocolError(
      `Expected the codec of a worker to be "graph" or "json", received ${show(codec)}`,
    );
  }
  return undefined;
}

/** @throws ProtocolError when it is not a list of distinct names that a Call can refer to. */
export function parseReady(payload: Uint8Array): readonly string[] {
  const names = exportsIn(payload);
  if (!Array.isArray(names) || !names.every((name) => typeof name === "string")) {
    throw new ProtocolError("Expected a Ready frame to list the names of the exports");
  }
  if (names.length > MAX_EXPORTS || names.some(({ length }) => length > MAX_NAME)) {
    throw new ProtocolError(
      `Expected a Ready frame to list at most ${MAX_EXPORTS} names of at most ${MAX_NAME} characters`,
    );
  }
  if (new Set(names).size !== names.length) {
    throw new ProtocolError("Expected each name in a Ready frame to stand there once");
  }
  return names;
}

function exportsIn(payload: Uint8Array): unknown {
  try {
    const text = new TextDecoder("utf-8", bare({ fatal: true })).decode(payload);
    return bare((JSON.parse(text) ?? {}) as Partial<Ready>).exports;
  } catch (cause) {
    throw new ProtocolError("Expected a Ready frame to hold JSON", { cause });
  }
}

/** Of a worker whose codec is JSON. */
export function onlyJson(): SerializationError {
  return new SerializationError(
    "Cannot send `worker.data`: this worker reads only JSON, and JSON would change it",
    { path: "worker.data" },
  );
}

/** What its frames violate. */
export function breach(error: unknown): ProtocolError {
  if (error instanceof ProtocolError) return error;
  return new ProtocolError("A worker sent a frame that can't be read", { cause: error });
}
