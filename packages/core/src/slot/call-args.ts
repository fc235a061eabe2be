/** The arguments of a call as its worker reads them: those in another language may read nothing but JSON. */
import { jsonOnly, ofTask } from "../task/call-errors.ts";
import type { TaskRequest } from "../task/request.ts";
import type { Codec } from "../wire/frame.ts";
import { type EncodedValue, inJson } from "../wire/value.ts";

/** An error when JSON can't hold them. Never throws: it is called where a worker has answered. */
export function argsFor(codec: Codec, { name, args, inputs }: TaskRequest): EncodedValue | Error {
  if (codec !== "json") return args;
  try {
    return (inputs === undefined ? inJson(args, "args") : undefined) ?? jsonOnly(name);
  } catch (error) {
    return ofTask(error, name) as Error;
  }
}
