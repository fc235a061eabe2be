/**
 * Whether this process has a permission: the terminal is not asked, and the descriptor has what it says and nothing of
 * `Object.prototype`. Imports nothing, as each worker loads it.
 */
export function isGranted(descriptor: Deno.PermissionDescriptor): boolean {
  const own = { __proto__: null, ...descriptor } as object as Deno.PermissionDescriptor;
  return Deno.permissions.querySync(own).state === "granted";
}
