/** The tries of the listener; the check of tokens is in host-process.test.ts and in the contract's hostile cases. */
import { expect, test, vi } from "vitest";
import { Acceptor } from "../../src/host/acceptor.ts";
import { FakeRuntime } from "../support/fake-runtime.ts";

test("after a connection could not be taken it tries again, 100 ms later", async () => {
  const runtime = new FakeRuntime();
  const acceptor = new Acceptor(runtime);
  await acceptor.open("/socket");
  const tryAgain = vi.fn();
  runtime.failAccept(tryAgain);
  await runtime.clock.advance(99);
  expect(tryAgain).not.toHaveBeenCalled();
  await runtime.clock.advance(1);
  expect(tryAgain).toHaveBeenCalledOnce();
  acceptor.close();
});
