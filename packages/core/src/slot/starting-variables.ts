/**
 * The host's variables that a worker of another user starts with. The rest stays behind: a root host's HOME is not its
 * worker's, and what else is there may be secret. What a worker needs besides is named in `worker.env`.
 */

/** How a program looks, sounds and finds others; nothing here is anybody's own. */
const HARMLESS: readonly string[] = [
  ...["PATH", "TMPDIR", "TZ", "NODE_ENV"],
  ...["TERM", "COLORTERM", "NO_COLOR", "FORCE_COLOR"],
  ...[
    "LANG",
    "LANGUAGE",
    "LC_ALL",
    "LC_CTYPE",
    "LC_COLLATE",
    "LC_MESSAGES",
    "LC_MONETARY",
    "LC_NUMERIC",
    "LC_TIME",
  ],
  ...["LC_ADDRESS", "LC_IDENTIFICATION", "LC_MEASUREMENT", "LC_NAME", "LC_PAPER", "LC_TELEPHONE"],
];

/** @param read A variable of the host. */
export function startingVariables(read: (name: string) => string | undefined): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const name of HARMLESS) {
    const value = read(name);
    if (value !== undefined) variables[name] = value;
  }
  return variables;
}
