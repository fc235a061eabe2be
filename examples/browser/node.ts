/** The service in Node. The other two differ by one import. */
import * as adapter from "@reapool/node";
import { serve } from "./service.ts";

await serve(adapter);
