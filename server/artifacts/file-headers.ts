import path from 'node:path';
import { mime } from '@fastify/send';

/** File types that browsers show without running scripts. */
const shown = new Set([
  '.png',
  '.jpg',
  '.jpeg',
  '.gif',
  '.webp',
  '.avif',
  '.webm',
  '.mp4',
  '.txt',
  '.log',
  '.md',
  '.json',
]);

/** By its name alone, wherever the file is stored: what a test says of it is not believed. */
export function contentTypeOf(file: string): string {
  const type = mime.getType(file) ?? 'application/octet-stream';
  return /^text\/|\/(javascript|json)$/.test(type) ? `${type}; charset=utf-8` : type;
}

/** `attachment` for all that browsers might run. */
export function dispositionOf(file: string): 'inline' | 'attachment' {
  return shown.has(path.extname(file).toLowerCase()) ? 'inline' : 'attachment';
}
