import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodePayload, encodePayload, wireName } from './postgres-wire.ts';

describe('what goes over NOTIFY', () => {
  const text = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 200 }),
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc.constantFrom('', '\u0001', '\u0001\n', '\n', '\u0001"a"\nb', '{"status":"passed"}'),
  );
  const channelName = fc.oneof(text, fc.constantFrom('a', 'x'.repeat(63), 'x'.repeat(64), 'ä'.repeat(32), 'a\0b'));

  test('decoding returns the encoded message, without its body if PostgreSQL could not take it', () => {
    fc.assert(
      fc.property(channelName, text, (channel, message) => {
        const { name, payload } = encodePayload(channel, message);
        expect(name).toBe(wireName(channel));
        expect(Buffer.byteLength(name)).toBeLessThanOrEqual(63);
        expect(name + payload).not.toContain('\0');
        const expected = message.includes('\0') ? undefined : message;
        expect(decodePayload(name, payload)).toEqual({ channel, message: expected });
      }),
      { seed: 1, numRuns: 2_000 },
    );
  });

  test('a payload is the bare message wherever possible, so that other programs can use the channel', () => {
    expect(encodePayload('test:1:status', '{"status":"passed"}')).toEqual({
      name: 'test:1:status',
      payload: '{"status":"passed"}',
    });
  });

  test('a payload never exceeds the limit of NOTIFY', () => {
    for (const channel of ['short', 'x'.repeat(200)]) {
      for (let bytes = 7_600; bytes < 8_200; bytes += 1) {
        const { name, payload } = encodePayload(channel, 'x'.repeat(bytes));
        expect(Buffer.byteLength(payload)).toBeLessThan(8_000);
        const { message } = decodePayload(name, payload);
        if (message !== undefined) expect(message).toHaveLength(bytes);
        else expect(bytes).toBeGreaterThan(channel === 'short' ? 7_900 : 7_600);
      }
    }
  });

  test('long channel names get different names on the server', () => {
    expect(wireName('x'.repeat(100))).not.toBe(wireName('x'.repeat(101)));
  });
});
