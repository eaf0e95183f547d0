import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { addressOf } from './client-address.ts';

const request = (remoteAddress: string | undefined, forwarded?: string) =>
  ({
    socket: { remoteAddress },
    headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
  }) as unknown as IncomingMessage;

test('without proxies, x-forwarded-for is ignored', () => {
  expect(addressOf(request('10.0.0.1', '10.9.9.9'), 0)).toBe('10.0.0.1');
});

test('each proxy is one hop, and what a client claims beyond them is ignored', () => {
  expect(addressOf(request('10.0.0.1', '10.9.9.9, 10.0.0.3,10.0.0.2'), 1)).toBe('10.0.0.2');
  expect(addressOf(request('10.0.0.1', '10.9.9.9, 10.0.0.3,10.0.0.2'), 2)).toBe('10.0.0.3');
});

test('a request that passed no proxy has the address of its connection', () => {
  expect(addressOf(request('10.0.0.1'), 1)).toBe('10.0.0.1');
  expect(addressOf(request('10.0.0.1', ' '), 1)).toBe('10.0.0.1');
});

test('an IPv4-mapped address is shown as IPv4, and a closed connection has none', () => {
  expect(addressOf(request('::ffff:127.0.0.1'), 0)).toBe('127.0.0.1');
  expect(addressOf(request('2001:db8::1'), 0)).toBe('2001:db8::1');
  expect(addressOf(request(undefined), 0)).toBe('');
});
