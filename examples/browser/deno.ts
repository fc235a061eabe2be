/** The service in Deno. The other two differ by one import. */
import * as adapter from "@reapool/deno";
import { serve } from "./service.ts";

await serve(adapter);
