/** A shorter text would be found inside ordinary words, so it is not hidden. */
export const minSecretLength = 6;

export interface Redaction {
  /** Every text that is hidden, the longest first. */
  secrets: string[];
  /** The text with `***` in place of every secret. */
  redact(text: string): string;
  /** The same for the content of a file of any kind; undefined if there is nothing to hide. */
  redactBytes(bytes: Buffer): Buffer | undefined;
}

/**
 * Hides values, their lines and the texts of a JSON value, each also as it looks in addresses, in JSON and in base64. Parts
 * below `minSecretLength` characters stay.
 */
export function createRedaction(values: readonly string[]): Redaction {
  const forms = values
    .flatMap((value) => [value, ...otherLineEnds(value), ...linesOf(value), ...textsOfJson(value)])
    .filter(({ length }) => length >= minSecretLength)
    .flatMap((text) => [
      text,
      // Lone surrogates cannot be URL-encoded.
      encodeURIComponent(text.toWellFormed()),
      JSON.stringify(text).slice(1, -1),
      Buffer.from(text).toString('base64'),
    ]);
  const secrets = [...new Set(forms)].sort((a, b) => b.length - a.length);
  const hide = (text: string, all: readonly string[]) =>
    all.reduce((result, secret) => result.replaceAll(secret, '***'), text);
  // Each byte as a character.
  const byteSecrets = secrets.map((secret) => Buffer.from(secret).toString('latin1'));
  return {
    secrets,
    redact: (text) => hide(text, secrets),
    redactBytes(bytes) {
      const before = secrets.length === 0 ? '' : bytes.toString('latin1');
      const after = hide(before, byteSecrets);
      return after === before ? undefined : Buffer.from(after, 'latin1');
    },
  };
}

function otherLineEnds(value: string): string[] {
  const lf = value.replaceAll('\r\n', '\n');
  return [lf, lf.replaceAll('\n', '\r\n')];
}

/** Programs print keys line by line, often behind a prefix. Frames such as `-----BEGIN PRIVATE KEY-----` are not secret. */
function linesOf(value: string): string[] {
  const lines = value.split(/\r\n|\r|\n/).map((line) => line.trim());
  return lines.length === 1 ? [] : lines.filter((line) => /[\p{L}\p{N}]/u.test(line) && !/^-{3,}.*-{3,}$/.test(line));
}

/** Such as the private key in the JSON of a service account, which has lines of its own. */
function textsOfJson(value: string): string[] {
  if (!/^\s*[{[]/.test(value)) return [];
  const texts: string[] = [];
  try {
    JSON.parse(value, (_, part: unknown) => {
      if (typeof part === 'string') texts.push(part, ...otherLineEnds(part), ...linesOf(part));
      return part;
    });
  } catch {
    // Not JSON: the value is hidden as the text that it is.
  }
  return texts;
}
