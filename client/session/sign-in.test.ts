import { expect, test } from 'vitest';
import { returnAddress } from './sign-in.ts';

const to = (address: string) => returnAddress(`?${new URLSearchParams({ to: address })}`);

test('signing in returns to a page of this site', () => {
  expect(to('/runs?q=a b#x')).toBe('/runs?q=a b#x');
  expect(returnAddress('')).toBe('/');
});

test.each([
  '//evil.example',
  '/\\evil.example',
  '/\t/evil.example',
  '/\n/evil.example',
  'https://evil.example',
  'runs',
  '',
])('an address of another site, %j, leads to the first page', (address) => expect(to(address)).toBe('/'));

test.each(['/sign-in', '/sign-in?to=/runs', '/join/x', '/reset/x#y'])('%s would ask to sign in again', (address) => {
  expect(to(address)).toBe('/');
});
