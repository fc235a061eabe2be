/** A host of the lab, in the runtime that runs it: does what its arguments say, and stays until the lab ends it. */
import process from "node:process";
import { say, stay } from "./conversation.ts";
import * as withPool from "./with-pool.ts";
import * as withoutPool from "./without-pool.ts";

const scenes: Readonly<Record<string, Readonly<Record<string, (argument: string) => unknown>>>> = {
  without: withoutPool,
  with: withPool,
};

const { bun, deno, node } = process.versions;
say("version", bun ?? deno ?? node);
stay();

const [side = "", name = "", argument = ""] = process.argv.slice(2);
const scene = scenes[side]?.[name];
if (scene === undefined) throw new Error(`Expected a scene, received ${side} ${name}: main.ts runs this`);
await scene(argument);
