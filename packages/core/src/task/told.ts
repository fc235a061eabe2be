/**
 * What the caller of a task is told while it runs: its start, its progress, its output. Owns that a callback of the application
 * which throws ends nothing: the pool reports it.
 */
import { callSafely } from "../call-safely.ts";
import type { BegunCall, ResolvedRunOptions } from "../options/call-options.ts";
import type { OutputStream } from "../port/runtime.ts";
import type { TaskOwner } from "./task-context.ts";

type Reporter = Pick<TaskOwner<unknown>, "onForeignError">;

/** Later, because the pool is in the middle of handing out tasks. */
export async function tellStart(
  onStart: NonNullable<ResolvedRunOptions["onStart"]>,
  begun: BegunCall,
  reporter: Reporter,
): Promise<void> {
  await undefined;
  callSafely(
    () => onStart(begun),
    (error) => reporter.onForeignError(error, "onStart"),
  );
}

export function tellProgress({ onProgress }: ResolvedRunOptions, value: unknown, reporter: Reporter): void {
  callSafely(
    () => onProgress?.(value),
    (error) => reporter.onForeignError(error, "onProgress"),
  );
}

/** @param bytes Valid only during the call. */
export function tellOutput(
  { onOutput }: ResolvedRunOptions,
  stream: OutputStream,
  bytes: Uint8Array,
  reporter: Reporter,
): void {
  callSafely(
    () => onOutput?.(stream, new Uint8Array(bytes)), // a copy: the runtime may reuse its buffer, the caller keep it
    (error) => reporter.onForeignError(error, "onOutput"),
  );
}
