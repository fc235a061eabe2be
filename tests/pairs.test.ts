/** Workers of any runtime under a host of any runtime: this file runs inside each host. */
import { launcher as bunLauncher } from "@reapool/bun/launcher";
import { launcher as denoLauncher } from "@reapool/deno/launcher";
import { launcher as nodeLauncher } from "@reapool/node/launcher";
import { bun, deno, node24 } from "@reapool/runtimes";
import { describe, expect, it } from "vitest";
import { difference } from "../packages/core/tests/support/sameness.ts";
import { SAMPLES } from "../packages/core/tests/support/samples.ts";
import { adapter, name } from "./support/adapter.ts";

const workers = [
  ["node", node24, nodeLauncher, "process"],
  ["bun", bun, bunLauncher, "Bun"],
  ["deno", deno, denoLauncher, "Deno"],
] as const;

const value = [
  undefined,
  Number.NaN,
  -0,
  10n ** 30n,
  new Date(0),
  /x/g,
  new Map([[{ a: 1 }, new Set([1])]]),
  new Uint16Array([1, 2]),
];

describe(`a ${name} host`, () => {
  for (const [runtime, executable, launcher, proof] of workers) {
    it.skipIf(executable === undefined)(`runs ${runtime} workers: values, errors and a death`, async () => {
      await using pool = adapter.createPool(new URL("./fixtures/pair-work.ts", import.meta.url), {
        maxWorkers: 1,
        worker: { launcher: launcher({ executable }), stderr: "ignore" },
      });
      expect(await pool.run("globals")).toContain(proof);
      expect(await pool.run("echo", [value])).toEqual(value);
      for (const { title, make } of SAMPLES) {
        const original = make();
        expect(difference(await pool.run("echo", [original]), original), title).toBeUndefined();
      }
      const error = await pool.run("fail").catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(RangeError);
      expect(error).toMatchObject({ message: "no", code: "E_PAIR", cause: new TypeError("inner") });
      await expect(pool.run("die")).rejects.toMatchObject({ code: "ERR_WORKER_EXIT", signal: "SIGKILL" });
      expect(await pool.run("echo", ["again"])).toBe("again");
    });
  }
});
