/**
 * How much a test does that does the same many times. `npm test` does everything; `npm run check`, which is to be over
 * before one looks away, sets TEST_EFFORT=quick and gets a part: enough to fail where the code is plainly wrong.
 */
const isQuick = process.env.TEST_EFFORT === "quick";

/** How often a property is tried. */
export const runs = (whole: number): number => (isQuick ? Math.ceil(whole / 10) : whole);

/** How many there are of what a test needs very many of. */
export const many = (whole: number): number => (isQuick ? whole / 10 : whole);

/** Examples of the same kind: all of them, or the first, the last and some in between. */
export const some = <T>(all: readonly T[]): T[] =>
  all.filter((_, i) => !isQuick || i % 4 === 0 || i === all.length - 1);
