/** A piped stream of a process, where the runtime gives it as a web stream. */
import type { OutputStream, ProcessEvents } from "./runtime.ts";

/** Passes on what comes, and then its end. */
export async function readOutput(
  pipe: ReadableStream<Uint8Array>,
  stream: OutputStream,
  events: ProcessEvents,
): Promise<void> {
  try {
    for await (const bytes of pipe) events.onOutput(stream, bytes);
  } catch {
    // the end that follows says all there is to say
  }
  events.onOutputEnd(stream);
}
