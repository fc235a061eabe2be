/** Errors of a call: its worker can't take it, or it has timed out. */
import { show } from "../bare.ts";
import {
  ProtocolError,
  QueueTimeoutError,
  SerializationError,
  TaskTimeoutError,
  UnknownTaskError,
} from "../errors.ts";
import { nearestName } from "../nearest-name.ts";

export function jsonOnly(name: string): SerializationError {
  return new SerializationError(
    `Cannot send the arguments of \`${name}\`: this worker reads only JSON, and JSON would change them`,
    { path: "args", task: name },
  );
}

export function unknownTask(name: string, known: readonly string[]): UnknownTaskError {
  const exported =
    known.length === 0
      ? "it exports no function; a worker of a pool has no `parentPort` and no `message` event: export a function, and it is called"
      : `it exports ${known.join(", ")}`;
  return new UnknownTaskError(
    `The worker module has no task \`${name}\`: ${exported}${nearestName(name, known)}`,
    { task: name },
  );
}

export function queueTimeoutError(name: string, queueTimeout: number): QueueTimeoutError {
  return new QueueTimeoutError(
    `Task \`${name}\` waited ${queueTimeout} ms for a worker, its queueTimeout, and was not started; ` +
      "raise `maxWorkers` or `queueTimeout`, or submit less",
    { task: name },
  );
}

export function taskTimeoutError(name: string, timeout: number, pid: number | undefined): TaskTimeoutError {
  return new TaskTimeoutError(`Task \`${name}\` ran longer than its timeout of ${timeout} ms`, {
    task: name,
    pid,
  });
}

/** The same error, which names the task now: it was made where only the value, or the frame, was known. */
export function ofTask<E>(error: E, task: string): E {
  const isOfValue = error instanceof SerializationError || error instanceof ProtocolError;
  if (isOfValue && !Object.hasOwn(error, "task") && Object.isExtensible(error)) show(error, "task", task);
  return error;
}
