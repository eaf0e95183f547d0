/** The parameters of an address. A parameter that an address gives twice is ambiguous, and left out. */
export type RawSearch = Record<string, string | undefined>;

/** The router's `parseSearch`: every value is the text that the address has, whatever it looks like. */
export function parseSearch(address: string): Record<string, string> {
  const params = new URLSearchParams(address);
  const single = [...params].filter(([key]) => params.getAll(key).length === 1);
  return Object.fromEntries(single.map(([key, text]) => [key, unquoted(text) ?? text]));
}

/** The router's `stringifySearch`, the inverse of `parseSearch`. Values that are undefined or null are left out. */
export function stringifySearch(search: Record<string, unknown>): string {
  const params = new URLSearchParams();
  for (const [key, text] of Object.entries(texts(search))) {
    if (text !== undefined) params.append(key, unquoted(text) === undefined ? text : JSON.stringify(text));
  }
  return params.size === 0 ? '' : `?${params}`;
}

/**
 * A `validateSearch` that drops every parameter that `parse` does not return. The router lays its result over the raw
 * parameters, so a key that it lacks would keep its raw value.
 */
export function dropUnknown<T extends object>(parse: (raw: RawSearch) => T): (raw: Record<string, unknown>) => T {
  return (raw) => ({ ...Object.fromEntries(Object.keys(raw).map((key) => [key, undefined])), ...parse(texts(raw)) });
}

/** Pages navigate with typed values: a line, for instance, is a number. */
function texts(search: Record<string, unknown>): RawSearch {
  return Object.fromEntries(
    Object.entries(search).map(([key, value]) => [key, value == null ? undefined : `${value}`]),
  );
}

/**
 * Bookmarks from before have texts that JSON can read in quotes: `"42"` is 42. Undefined for any other text, also one that
 * happens to have quotes, such as `"exact words"`.
 */
function unquoted(text: string): string | undefined {
  const inner = text.startsWith('"') ? parseJson(text) : undefined;
  return typeof inner === 'string' && parseJson(inner) !== undefined ? inner : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A text to search for, cut to as many characters as the server takes. Undefined if there is none. */
export function textParam(value: string | undefined, most = 200): string | undefined {
  const text = value?.replaceAll('\0', '').slice(0, most).toWellFormed();
  return text?.trim() ? text : undefined;
}

/** The name of a branch. */
export const branchParam = (value: string | undefined) => textParam(value, 300);

/** The hash of a commit, or its first digits. */
export const commitParam = (value: string | undefined) =>
  value !== undefined && /^[\da-f]{4,64}$/i.test(value) ? value.toLowerCase() : undefined;

/** The id of anything: a UUID, or letters and digits as accounts have them. */
export function anyIdParam(value: string | undefined): string | undefined {
  return value !== undefined && /^[\dA-Za-z]{32}$/.test(value) ? value : idParam(value);
}

/** The id of a test, job, run or artifact. */
export function idParam(value: string | undefined): string | undefined {
  return value !== undefined && /^[\da-f]{8}-[\da-f]{4}-[1-8][\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/i.test(value)
    ? value
    : undefined;
}

export function oneOfParam<T extends string>(options: readonly T[], value: string | undefined): T | undefined {
  return options.find((option) => option === value);
}

/** The address of a line in a log: the number of its entry, and which line of that entry it is. */
export function lineParam(value: string | undefined): string | undefined {
  return value !== undefined && /^[1-9]\d{0,14}(-[1-9]\d{0,6})?$/.test(value) ? value : undefined;
}

export function hasParams(search: object): boolean {
  return Object.values(search).some((value) => value !== undefined);
}
