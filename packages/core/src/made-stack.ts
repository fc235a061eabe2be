/**
 * JavaScriptCore makes the stack of an error when an own property of it is first looked at: there an `Error.prepareStackTrace`
 * that throws does so, once. After this the error can be read and changed like any other. Never throws.
 */
export function withMadeStack<E extends object>(error: E): E {
  try {
    Object.hasOwn(error, "stack");
  } catch {} // the application's, and of no use here
  return error;
}
