/** No limit counts the time its host was away: what came meanwhile is read first, and no worker that was in time pays. */
import { describe, expect, it } from "vitest";
import { programArguments, startProgram } from "./support/host.ts";

describe.each(["stopped", "blocked"])("a host that is %s", (manner) => {
  it.each(["timeout", "queueTimeout", "startTimeout", "hangTimeout", "memory", "close"])(
    "for longer than %s",
    async (limit) => {
      const host = startProgram(programArguments("absent-host.ts", manner, limit));
      expect(await host.said("outcome ")).toBe("fulfilled");
      expect(await host.said("deaths ")).toBe("closed");
    },
  );
});
