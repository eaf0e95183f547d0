/** Shorter values would be found in every other word. */
export const minSecretLength = 6;

export interface Redaction {
  /** What must not be read, in each form in which it may be printed, the longest first. */
  secrets: string[];
  /** The text with `***` in place of every secret. */
  redact(text: string): string;
}

/** Blots values out, also as they look in addresses, in JSON and in base64. Values below `minSecretLength` are left alone. */
export function createRedaction(values: readonly string[]): Redaction {
  const forms = values
    .filter(({ length }) => length >= minSecretLength)
    .flatMap((value) => [
      value,
      // Lone surrogates have no form in addresses.
      encodeURIComponent(value.toWellFormed()),
      JSON.stringify(value).slice(1, -1),
      Buffer.from(value).toString('base64'),
    ]);
  const secrets = [...new Set(forms)].sort((a, b) => b.length - a.length);
  return { secrets, redact: (text) => secrets.reduce((result, secret) => result.replaceAll(secret, '***'), text) };
}
