/** The longest turn of this host's event loop: nothing can be reaped before a turn has ended. */

const BEAT_MS = 10;

/** Returns a function that stops it and returns the longest turn in ms. */
export function watchLoop(): () => number {
  let longest = 0;
  let last = performance.now();
  const beat = setInterval(() => {
    const now = performance.now();
    longest = Math.max(longest, now - last - BEAT_MS);
    last = now;
  }, BEAT_MS);
  return () => {
    clearInterval(beat);
    return Math.max(longest, performance.now() - last - BEAT_MS);
  };
}
