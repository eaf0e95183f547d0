import { createHash } from 'node:crypto';

/** PostgreSQL's limit for channel names. */
const maxNameBytes = 63;

/** A little below the 7,999 bytes that PostgreSQL allows. */
const maxPayloadBytes = 7_900;

/**
 * A payload is the message itself, so that any program can NOTIFY. Where that is not possible, it is this marker (no JSON
 * text starts with it), then the channel's name as JSON if the name was hashed, then a line feed and the body if there is
 * a body. An empty payload means no body.
 */
const marker = '\u0001';

/** The name of a channel on the server: the channel's own name if PostgreSQL allows it, else a hash. */
export function wireName(channel: string): string {
  if (Buffer.byteLength(channel) <= maxNameBytes && !channel.includes('\0')) return channel;
  return `runlight:${createHash('sha256').update(channel).digest('hex').slice(0, 48)}`;
}

/** Encodes a message for NOTIFY. One that is too large or has a NUL loses its body. */
export function encodePayload(channel: string, message: string): { name: string; payload: string } {
  const name = wireName(channel);
  const isPlain = name === channel && message !== '' && !message.startsWith(marker);
  const head = name === channel ? marker : marker + JSON.stringify(channel);
  const payload = isPlain ? message : `${head}\n${message}`;
  const fits = Buffer.byteLength(payload) <= maxPayloadBytes && !payload.includes('\0');
  return { name, payload: fits ? payload : head };
}

/** Decodes a payload. A malformed one counts as a plain message of its channel. */
export function decodePayload(name: string, payload: string): { channel: string; message: string | undefined } {
  if (payload === '') return { channel: name, message: undefined };
  if (!payload.startsWith(marker)) return { channel: name, message: payload };
  const feed = payload.indexOf('\n');
  const head = payload.slice(1, feed === -1 ? undefined : feed);
  const message = feed === -1 ? undefined : payload.slice(feed + 1);
  try {
    return { channel: head === '' ? name : String(JSON.parse(head)), message };
  } catch {
    return { channel: name, message: payload };
  }
}
