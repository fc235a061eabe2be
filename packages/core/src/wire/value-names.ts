/** How an error about a value names its parts: the step of a path, and what can't be sent. */

export function property(key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${/^\d+$/.test(key) ? key : JSON.stringify(key)}]`;
}

export function describe(value: unknown): string {
  if (typeof value === "symbol") return `a symbol, ${String(value)}`;
  const name = (value as { name?: unknown }).name;
  return typeof name === "string" && name !== "" ? `a function, ${name}` : "a function";
}
