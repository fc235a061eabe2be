// Test-only preload: Bun 1.4.5's ChildProcess#channel has no ref() and unref(), which Vitest's forks pool calls.
import { EventEmitter } from "node:events";

for (const name of ["ref", "unref"]) {
  if (name in EventEmitter.prototype) continue;
  Object.defineProperty(EventEmitter.prototype, name, {
    value() {
      return this;
    },
    configurable: true,
    writable: true,
  });
}
