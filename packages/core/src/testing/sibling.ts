/**
 * The URL of a module next to this one, with the same extension: `.ts` when the source runs directly, `.js` where it is
 * built.
 */
export function sibling(name: string, base: string): URL {
  return new URL(base.endsWith(".ts") ? `${name}.ts` : `${name}.js`, base);
}
