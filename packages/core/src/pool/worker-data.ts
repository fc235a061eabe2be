/** `worker.data` is checked when the pool is made: what can't be sent would fail every start. */
import { encode, letGoOf } from "../wire/value.ts";

/** @throws SerializationError that names the place. */
export function assertSendable(data: unknown): void {
  if (data !== undefined) letGoOf(encode(data, "worker.data"));
}
