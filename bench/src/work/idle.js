/** A process that does nothing, for ever. */
setInterval(() => {}, 1_000_000_000);
