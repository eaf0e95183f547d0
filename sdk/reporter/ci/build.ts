/** The variables of a process. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** What a CI says of the build in which the suite runs. A field that it does not say is undefined. */
export interface Build {
  /** Such as `github`. */
  provider: string;
  /** The same for all jobs of one build, and no other of this provider. */
  id?: string | undefined;
  /** Of the build, where the provider can run a part of it again under the same id. */
  attempt?: string | undefined;
  url?: string | undefined;
  branch?: string | undefined;
  sha?: string | undefined;
  /** Any number of lines. */
  message?: string | undefined;
  author?: string | undefined;
  /** Who started the build: the author, where nothing else is known. */
  actor?: string | undefined;
  /** Its address, or its number as `#12`. */
  pullRequest?: string | undefined;
}

/** The first value that is not empty. */
export function first(...values: readonly (string | undefined)[]): string | undefined {
  return values.find((value) => value !== undefined && value !== '');
}

/** The text made of values that are all there; undefined if one is missing. */
export function all(parts: TemplateStringsArray, ...values: readonly (string | undefined)[]): string | undefined {
  return values.every(Boolean) ? String.raw({ raw: parts }, ...values) : undefined;
}

/** `refs/heads/main` as `main`; undefined for other refs. */
export function branchOf(ref: string | undefined): string | undefined {
  if (ref === undefined || !ref.startsWith('refs/')) return first(ref);
  return ref.startsWith('refs/heads/') ? ref.slice('refs/heads/'.length) : undefined;
}
