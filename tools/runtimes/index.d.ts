export declare const node22: string | undefined;
export declare const node24: string | undefined;
export declare const node26: string | undefined;
export declare const bun: string | undefined;
export declare const deno: string | undefined;
export declare const sourceEnvironment: Readonly<Record<string, string>>;
