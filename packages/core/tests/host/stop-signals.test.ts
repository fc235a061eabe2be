/** Who is closed by a signal, and how the host ends then: as PID 1 by an exit code, else by the signal. */
import { describe, expect, test, vi } from "vitest";
import { endBySignal, StopSignals } from "../../src/host/stop-signals.ts";
import { STOP_SIGNALS } from "../../src/port/runtime.ts";
import { FakeRuntime } from "../support/fake-runtime.ts";

const CODES = { SIGTERM: 143, SIGINT: 130, SIGHUP: 129 };

describe.each(STOP_SIGNALS)("%s", (name) => {
  test("is raised where it ends the process", () => {
    const runtime = new FakeRuntime();
    endBySignal(runtime, name);
    expect([runtime.endedBy, runtime.exitCode]).toEqual([name, undefined]);
  });

  test("makes PID 1 exit, without being raised", () => {
    const runtime = new FakeRuntime({}, { pid: 1 });
    endBySignal(runtime, name);
    expect([runtime.endedBy, runtime.exitCode]).toEqual([undefined, CODES[name]]);
  });

  test("is raised in PID 1 too, where something else listens to it", async () => {
    const runtime = new FakeRuntime({}, { pid: 1 });
    const heard = vi.fn();
    runtime.onStopSignal(heard);
    endBySignal(runtime, name);
    await Promise.resolve();
    expect(heard).toHaveBeenCalledExactlyOnceWith(name);
    expect([runtime.endedBy, runtime.exitCode]).toEqual([undefined, undefined]);
  });

  test("closes every pool, and ends the host behind the last one", async () => {
    const runtime = new FakeRuntime();
    const signals = new StopSignals(runtime);
    const pools = [1, 2].map(() => ({ close: vi.fn(async () => {}), terminate: vi.fn(async () => {}) }));
    const removals = pools.map((pool) => signals.add(pool));
    runtime.raise(name);
    await Promise.resolve();
    expect(pools.map(({ close }) => close.mock.calls.length)).toEqual([1, 1]);
    removals[0]?.();
    expect([runtime.endedBy, runtime.stopSignalListeners.size]).toEqual([undefined, 1]);
    removals[1]?.();
    expect([runtime.endedBy, runtime.stopSignalListeners.size]).toEqual([name, 0]);
  });
});
