/** The tries of the listener; the check of tokens is in host-process.test.ts and in the contract's hostile cases. */
import { expect, test, vi } from "vitest";
import { Acceptor } from "../../src/host/acceptor.ts";
import { LoopWatch } from "../../src/host/loop-watch.ts";
import { FakeRuntime } from "../support/fake-runtime.ts";

test("after a connection could not be taken it tries again, 100 ms later", async () => {
  const runtime = new FakeRuntime();
  const acceptor = new Acceptor(runtime, new LoopWatch(runtime));
  await acceptor.open("/socket");
  const tryAgain = vi.fn();
  runtime.failAccept(tryAgain);
  await runtime.clock.advance(99);
  expect(tryAgain).not.toHaveBeenCalled();
  await runtime.clock.advance(1);
  expect(tryAgain).toHaveBeenCalledOnce();
  acceptor.close();
});

test("each socket is opened once, for this user alone, and a failure is tried again", async () => {
  const runtime = new FakeRuntime();
  const acceptor = new Acceptor(runtime, new LoopWatch(runtime));
  runtime.script.shareError = new Error("EPERM");
  await expect(acceptor.open("/socket")).rejects.toThrow("EPERM");
  expect(runtime.listeners).toBe(0);
  runtime.script.shareError = undefined;
  await Promise.all([acceptor.open("/socket"), acceptor.open("/socket"), acceptor.open("/socket-7")]);
  expect(runtime.listeners).toBe(2);
  expect(runtime.shared).toEqual([
    { path: "/socket", access: { mode: 0o600 } },
    { path: "/socket-7", access: { mode: 0o600 } },
  ]);
  acceptor.close();
  await Promise.resolve();
  expect(runtime.listeners).toBe(0);
});
