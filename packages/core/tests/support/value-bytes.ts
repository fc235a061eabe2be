/** The bytes of a value, in one frame. */
import { encode } from "../../src/wire/value.ts";
import { payloadOf } from "./transfer.ts";

export const valueBytes = (value: unknown): Uint8Array => payloadOf(encode(value, "value"));
