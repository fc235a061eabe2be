/** What a fake function has replaced. */

/** What a fake of `@sinonjs/fake-timers` tells, and so of Jest and Vitest: its clock keeps the original. */
interface Fake {
  readonly clock?: Readonly<Record<string, unknown>> | undefined;
}

/** Fakes may be installed over fakes. */
const MAX_DEPTH = 8;

/** The function itself, or the one that fakes have replaced. @param name where it is to be found */
export function original<F extends (...args: never[]) => unknown>(found: F, name: string): F {
  let real = found;
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    const replaced = (real as Fake).clock?.[`_${name}`];
    if (typeof replaced !== "function") break;
    real = replaced as F;
  }
  return real;
}
