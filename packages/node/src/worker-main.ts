/** The program of a Node worker: takes its address out of the environment, connects, serves. */
import "./supported.ts";
import { demandAddress } from "@reapool/node-builtins/address";
import { importModule } from "./import-module.ts";
import { start } from "./worker-host.ts";

void start(demandAddress("node"), importModule);
