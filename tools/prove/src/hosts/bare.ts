/** What a runtime costs that does nothing at all: one timer. An idle pool is compared with it. */

/** Longer than the measurement; it ends by itself then, should nobody have ended it. */
setTimeout(() => {}, 120_000);
