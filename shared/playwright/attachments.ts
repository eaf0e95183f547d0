import path from 'node:path';
import type { TestResult } from '@playwright/test/reporter';
import type { ArtifactKind } from '#shared/events.ts';
import { contentTypeOf, extensionFor } from './content-types.ts';

/** Attachments of one attempt, and of the run, beyond this number are in Playwright's report alone. */
const mostPerAttempt = 200;
const most = 20_000;

export interface Attachment {
  name: string;
  contentType: string;
  /** Absolute; undefined: `body` is the content. */
  path: string | undefined;
  body: Buffer | undefined;
}

/** Lists attachments as long as a run does not have too many. */
export class AttachmentList {
  #count = 0;

  /** The attachments of an attempt. `leftOut` says in words what is not among them. */
  of({ attachments }: TestResult): { listed: Attachment[]; leftOut: string | undefined } {
    const listed = attachments.slice(0, Math.min(mostPerAttempt, most - this.#count)).map(readAttachment);
    this.#count += listed.length;
    const rest = attachments.length - listed.length;
    const leftOut =
      rest === 0
        ? undefined
        : `${rest} attachments are in Playwright's report alone: at most ${mostPerAttempt} of an attempt and ${most} of a run are listed.`;
    return { listed, leftOut };
  }
}

/** Scripts can give values of any type. */
function readAttachment({ name, contentType, path, body }: TestResult['attachments'][number]): Attachment {
  const text = String(name);
  return {
    name: text,
    contentType: String((contentType as unknown) ?? contentTypeOf(String(path ?? text))),
    path: path === undefined ? undefined : String(path),
    body: Buffer.isBuffer(body) ? body : undefined,
  };
}

/** A name for the file of an attachment: letters, digits and hyphens, with the extension of its type. */
export function fileNameOf({ name, contentType }: Pick<Attachment, 'name' | 'contentType'>): string {
  const slug = path
    .basename(name.toLowerCase())
    .replace(/\.[a-z0-9]{1,8}$/, '')
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
    .slice(0, 60);
  return (slug || 'attachment') + extensionFor(name, contentType);
}

export function kindOf({ name, contentType }: Pick<Attachment, 'name' | 'contentType'>): ArtifactKind {
  if (name === 'trace' && contentType === 'application/zip') return 'trace';
  if (contentType.startsWith('image/')) return 'screenshot';
  // Not by the extension: `.ts` may be TypeScript or a video's transport stream.
  return contentType === 'video/webm' || contentType === 'video/mp4' ? 'video' : 'log';
}
