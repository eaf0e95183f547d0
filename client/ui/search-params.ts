/** The parameters of an address as the router parses them: texts, but also numbers and booleans. */
export type RawSearch = Record<string, unknown>;

/** The text of a parameter, cut to 200 characters. Undefined if there is none. */
export function textParam(value: unknown): string | undefined {
  const text = typeof value === 'number' || typeof value === 'boolean' ? String(value) : value;
  return typeof text === 'string' && text.trim() !== '' ? text.slice(0, 200) : undefined;
}

export function idParam(value: unknown): string | undefined {
  const text = textParam(value);
  return text && /^[\da-f-]{36}$/i.test(text) ? text : undefined;
}

export function oneOfParam<T extends string>(options: readonly T[], value: unknown): T | undefined {
  return options.find((option) => option === value);
}

/** The parameters that have a value, so that an address without filters is an empty object. */
export function definedParams<T extends object>(search: T): T {
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined)) as T;
}
