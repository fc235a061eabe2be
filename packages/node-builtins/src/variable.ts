/** A variable of this process's environment. `process.env` has a prototype, and answers with what that has, too. */
export function variable(name: string): string | undefined {
  return Object.hasOwn(process.env, name) ? process.env[name] : undefined;
}
