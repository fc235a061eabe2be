/**
 * Shared buffers in transit: the sender holds each one until the other side has mapped it. The other side reports
 * this with a Taken, one for each frame that names any, in the order of arrival, even for a frame that is no longer
 * needed. A Call gets no Taken: its arguments are held until it is answered, since it may wait.
 */
import { FrameType, RUN_TIME_BYTES } from "./frame.ts";
import { isSharing } from "./value.ts";

/** For each type of frame that needs a Taken: where in its payload the value begins. */
const VALUE_STARTS: number[] = [];
VALUE_STARTS[FrameType.Init] = 0;
VALUE_STARTS[FrameType.Cancel] = 0;
VALUE_STARTS[FrameType.Input] = 1;
VALUE_STARTS[FrameType.InputFailure] = 1;
VALUE_STARTS[FrameType.StartFailed] = 0;
VALUE_STARTS[FrameType.Result] = RUN_TIME_BYTES;
VALUE_STARTS[FrameType.Failure] = RUN_TIME_BYTES;
VALUE_STARTS[FrameType.Item] = 0;
VALUE_STARTS[FrameType.Progress] = 0;

/** Whether a received frame needs a Taken. */
export function isAnsweredWithTaken(type: number, payload: Uint8Array): boolean {
  const start = VALUE_STARTS[type];
  return start !== undefined && isSharing(payload, start);
}

export class InFlight {
  readonly #frames: (readonly ArrayBuffer[])[] = [];

  add(type: number, shared: readonly ArrayBuffer[]): void {
    if (VALUE_STARTS[type] !== undefined) this.#frames.push(shared);
  }

  /** False when nothing is in transit. */
  taken(): boolean {
    return this.#frames.shift() !== undefined;
  }
}
