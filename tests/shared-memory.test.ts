/** Shared memory at the end of a host, between any two runtimes, and where it can't be had. */
import { readdirSync, readlinkSync } from "node:fs";
import { launcher as bunLauncher } from "@reapool/bun/launcher";
import { launcher as denoLauncher } from "@reapool/deno/launcher";
import { launcher as nodeLauncher } from "@reapool/node/launcher";
import { bun, deno, node24 } from "@reapool/runtimes";
import { describe, expect, it } from "vitest";
import type * as Work from "./fixtures/sharing-work.ts";
import { adapter, name } from "./support/adapter.ts";
import { programArguments, startProgram } from "./support/host.ts";
import { readText } from "./support/proc.ts";
import { until } from "./support/processes.ts";

const { sharedMemory } = adapter.runtime.capabilities;

/** What the kernel calls the memory that a process maps or has open. */
function memoryOf(pid: number | string): string[] {
  const mapped = readText(`/proc/${pid}/maps`).match(/reapool-[0-9a-f]{32}/g) ?? [];
  return [...new Set([...mapped, ...openOf(pid)])].sort();
}

function openOf(pid: number | string): string[] {
  const found: string[] = [];
  try {
    for (const descriptor of readdirSync(`/proc/${pid}/fd`)) {
      const target = readlinkSync(`/proc/${pid}/fd/${descriptor}`);
      found.push(...(target.match(/reapool-[0-9a-f]{32}/) ?? []));
    }
  } catch {
    // gone meanwhile
  }
  return found;
}

const processes = (): string[] => readdirSync("/proc").filter((entry) => /^\d+$/.test(entry));

describe.skipIf(!sharedMemory)("when a host that shares memory is killed", () => {
  it("no process has it any more, and nothing is left under /dev/shm", async () => {
    const host = startProgram(programArguments("sharing-host.ts", "hold"));
    const worker = Number(await host.said("worker"));
    const pid = host.process.pid as number;
    const names = memoryOf(pid);
    expect(names).toHaveLength(2);
    expect(memoryOf(worker)).toEqual(names);
    process.kill(pid, "SIGKILL");
    await host.ended;
    await until(() => processes().every((other) => !memoryOf(other).some((held) => names.includes(held))));
    const files = readdirSync("/dev/shm"); // of a database that runs beside as well
    expect(files.filter((file) => names.some((held) => file.includes(held)))).toEqual([]);
  });
});

describe.skipIf(!sharedMemory)("a process that has shared memory", () => {
  it("ends well", async () => {
    const host = startProgram(programArguments("sharing-host.ts", "create"));
    expect(JSON.parse(await host.said("outcome"))).toEqual({ bytes: 8 });
    expect((await host.ended).code).toBe(0);
  });
});

const workers = [
  ["node", node24, nodeLauncher],
  ["bun", bun, bunLauncher],
  ["deno", deno, denoLauncher],
] as const;

describe.skipIf(!sharedMemory)(`a ${name} host`, () => {
  for (const [runtime, executable, launcher] of workers) {
    it.skipIf(executable === undefined)(`shares memory with ${runtime} workers`, async () => {
      await using pool = adapter.createPool<typeof Work>(
        new URL("./fixtures/sharing-work.ts", import.meta.url),
        { maxWorkers: 1, worker: { launcher: launcher({ executable }) } },
      );
      const buffer = adapter.createSharedBuffer(100);
      await pool.run("fill", [new Uint8Array(buffer, 8, 4), 7]);
      expect([...new Uint8Array(buffer, 7, 6)]).toEqual([0, 7, 7, 7, 7, 0]);
      await pool.run("keep", [{ deep: [new DataView(buffer, 8)] }]);
      const came = (await pool.run("giveKept")) as { deep: [DataView] };
      expect(came.deep[0].buffer).toBe(buffer);
      expect(came.deep[0].byteOffset).toBe(8);
      const { view } = await pool.run("share", [100]);
      expect([view.byteOffset, view.length, view[98]]).toEqual([1, 99, 0]);
      await pool.run("fillKept", [9]);
      expect(view[98]).toBe(9);
      view[0] = 1;
      expect((await pool.run("giveKept")) as Uint8Array).toEqual(view);
    });
  }
});

interface Missing {
  /** Of the runtime, that keep a process from calling libc; and what its error then says. */
  readonly flags: readonly string[];
  readonly reason: string;
}

function missing(): Missing | string {
  if (name === "bun") return "Bun always has bun:ffi";
  if (name === "deno") {
    return {
      flags: ["--no-prompt", "--allow-read", "--allow-write", "--allow-net", "--allow-env", "--allow-run"],
      reason: "Deno calls libc with --allow-ffi alone",
    };
  }
  const [major] = process.versions.node.split(".").map(Number);
  if ((major ?? 0) < 26) {
    return {
      flags: ["--no-addons"],
      reason:
        "Node before 26 can call libc through the package koffi alone, which does not load: Cannot load native addon because loading addons is disabled",
    };
  }
  return {
    flags: ["--permission", "--allow-fs-read=*", "--allow-fs-write=*", "--allow-net"],
    reason: "Access to this API has been restricted. Use --allow-ffi to manage permissions.",
  };
}

describe("without a way to call libc", () => {
  const without = missing();
  const reason = typeof without === "string" ? without : undefined;
  const { flags, reason: said } = typeof without === "string" ? { flags: [], reason: "" } : without;

  it.skipIf(reason !== undefined)(
    `createSharedBuffer() throws and says what is missing${reason === undefined ? "" : ` (${reason})`}`,
    async () => {
      const [first = "", ...more] = programArguments("sharing-host.ts", "create");
      const args = name === "deno" ? [first, ...flags, ...more.slice(1)] : [...flags, first, ...more];
      const outcome = JSON.parse(await startProgram(args).said("outcome"));
      expect(outcome).toEqual({ code: "ERR_UNSUPPORTED", message: `Cannot share memory: ${said}` });
    },
  );

  it.skipIf(!sharedMemory || reason !== undefined)(
    "a worker rejects the call that brings some, and the one that makes some",
    async () => {
      const host = startProgram(programArguments("sharing-host.ts", "send", ...flags));
      const [brought, made] = JSON.parse(await host.said("outcomes"));
      const message = `Cannot receive the 8 bytes that process ${host.process.pid} shares: ${said}`;
      expect(brought).toEqual({ code: "ERR_SERIALIZATION", message });
      expect(made).toEqual({ code: "ERR_UNSUPPORTED", message: `Cannot share memory: ${said}` });
      await host.ended;
    },
  );
});
