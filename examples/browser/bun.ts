/** The service in Bun. The other two differ by one import. */
import * as adapter from "@reapool/bun";
import { serve } from "./service.ts";

await serve(adapter);
