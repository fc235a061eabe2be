/** A server of its own as an engine: its folder, and that it can be halted and started again. Knows no engine. */
import { rmSync } from "node:fs";
import type { Engine, EngineKind } from "./engine.ts";
import type { Server } from "./server.ts";

export interface OwnEngine {
  readonly kind: EngineKind;
  readonly label: string;
  readonly url: string;
  readonly folder: string;
  /** By which it ends soon and in order, and by which at once. */
  readonly stopSignal: "SIGTERM" | "SIGINT";
  readonly haltSignal: "SIGKILL" | "SIGQUIT";
  /** On its port; resolves when it can be connected to. */
  start(): Promise<Server>;
}

/** Starts it. If it does not start, its folder is removed. */
export async function runEngine({
  folder,
  start,
  stopSignal,
  haltSignal,
  ...facts
}: OwnEngine): Promise<Engine> {
  let server: Server | undefined;
  const end = async (signal: NodeJS.Signals) => {
    const ending = server;
    server = undefined;
    await ending?.end(signal);
  };
  const resume = async () => {
    if (server !== undefined) throw new Error("Expected the server to be halted before it is started again");
    server = await start();
  };
  await resume();
  return {
    ...facts,
    isOwn: true,
    get pid() {
      return server?.pid;
    },
    halt: () => end(haltSignal),
    resume,
    async stop() {
      await end(stopSignal);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
