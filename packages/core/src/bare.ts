/**
 * Objects without a prototype, for whatever is read by name: the options of the runtimes' own functions, property
 * descriptors, what another process sent. A dependency that pollutes `Object.prototype`, or lets others do so, otherwise
 * decides what the caller has left out.
 */

/** The own properties of an object, and nothing else. Each getter is called once. */
export function bare<const T extends object>(object: T): T {
  return { __proto__: null, ...object } as T;
}

/** `key in object`, without what a prototype has. */
export function owns<T extends object, K extends string>(
  object: T,
  key: K,
): object is Extract<T, Readonly<Record<K, unknown>>> {
  return Object.hasOwn(object, key);
}

/** A property of somebody else's object, its own or a class's, but not what every object has. */
export function propertyOf(object: object, key: string): unknown {
  const found = (object as Record<string, unknown>)[key];
  const isEverybodys = found !== undefined && found === (Object.prototype as Record<string, unknown>)[key];
  return isEverybodys ? undefined : found;
}

/** The code of somebody's error. Undefined where the value has none. */
export function codeOf(error: unknown): unknown {
  return typeof error === "object" && error !== null ? propertyOf(error, "code") : undefined;
}

/**
 * Cuts a class off from `Object.prototype`. Its objects can resolve a promise whatever is there: with a `then`, every other
 * object is taken for a promise. Unlike what `bare` makes, they are as quick as any.
 */
export function cutOff(ofClass: { readonly prototype: object }): void {
  Object.setPrototypeOf(ofClass.prototype, null);
}

/** As the error's own property, unless it is undefined: what prints or copies errors shows those only. */
export function show(error: object, key: "code" | "task" | "pid", value: unknown): void {
  if (value !== undefined)
    Object.defineProperty(error, key, bare({ value, enumerable: true, writable: true, configurable: true }));
}
