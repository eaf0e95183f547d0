import { createHash } from 'node:crypto';
import { stripVTControlCharacters } from 'node:util';
import type { TestError } from '#shared/events.ts';

/** UTF-16 units of a message that count. */
const maxLength = 2_000;

/**
 * The same for errors with the same cause, in all runs of a project: made of the message and of the line of the code frame
 * that failed, without numbers, ids, paths and colours.
 */
export function fingerprintOf(projectId: string, { message, snippet }: TestError): string {
  const key = [projectId, essenceOf(withoutLog(stripVTControlCharacters(message))), essenceOf(failedLine(snippet))];
  return createHash('sha256').update(key.join('\x1e')).digest('base64url').slice(0, 16);
}

/** Playwright's call log says what was tried, which differs from time to time. */
function withoutLog(message: string): string {
  const end = message.search(/^\s*Call log:/m);
  return end === -1 ? message : message.slice(0, end);
}

/** Of a code frame, in which `>` marks the line. */
function failedLine(snippet: string | null | undefined): string {
  const plain = stripVTControlCharacters(snippet ?? '');
  return /^\s*>\s*\d+\s*\|(.*)$/m.exec(plain)?.[1] ?? plain;
}

function essenceOf(text: string): string {
  return (
    text
      .slice(0, maxLength)
      // Addresses, then paths: the host, the folders and what is looked for change with place and time.
      .replaceAll(/\b[a-z][a-z\d+.-]*:\/\/[^\s"'`)>\]]+/gi, '<url>')
      .replaceAll(/(?:[a-z]:)?(?:[\\/][\w.@~+-]+){2,}/gi, '<path>')
      // UUIDs, hashes and ids that mix letters and digits.
      .replaceAll(/\b[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}\b/gi, '<id>')
      .replaceAll(/\b(?=\w*\d)(?=\w*[a-z])\w{8,}\b/gi, '<id>')
      .replaceAll(/\d+(?:[.,]\d+)*/g, '#')
      .replaceAll(/\s+/g, ' ')
      .trim()
  );
}
