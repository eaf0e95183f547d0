import { describe, expect, test } from 'vitest';
import { fingerprintOf } from './fingerprint.ts';

const of = (message: string, snippet?: string) => fingerprintOf('a project', { message, snippet });

describe('failures with one cause have one fingerprint', () => {
  test.each([
    ['numbers', 'Timeout 5000ms exceeded after 1,204.5 s', 'Timeout 30000ms exceeded after 3 s'],
    ['colours', '\u001b[31mError\u001b[39m: no row', 'Error: no row'],
    ['folders', 'ENOENT: /home/ann/app/tests/a.txt', 'ENOENT: /builds/17/app/tests/a.txt'],
    ['folders of Windows', 'ENOENT: C:\\ci\\app\\a.txt', 'ENOENT: D:\\work\\1\\app\\a.txt'],
    ['hosts', 'net::ERR_FAILED at http://localhost:3917/cart?x=1', 'net::ERR_FAILED at https://ci.example/cart'],
    [
      'UUIDs',
      'no order 018f0000-0000-7000-8000-00000000000a here',
      'no order 7b6f1a52-4c11-4e5c-9d0e-1c2d3e4f5a6b here',
    ],
    ['hashes', 'commit 9f86d081884c7d65 is unknown', 'commit e3b0c44298fc1c14 is unknown'],
    ['ids', 'user usr_8fk2Lq91 is gone', 'user usr_p1Qz77x0 is gone'],
    ['call log', 'no button\nCall log:\n  - waiting 1', 'no button\nCall log:\n  - waiting\n  - retrying'],
  ])('whatever their %s', (_, one, other) => {
    expect(of(one)).toBe(of(other));
  });

  test('wherever the line stands, and whatever stands around it', () => {
    const one = '  11 | const a = 1;\n> 12 | await expect(row).toBeVisible();\n     | ^\n  13 |';
    const other = '\u001b[90m  98 | other();\u001b[39m\n> 99 |   await expect(row).toBeVisible();\n 100 | });';
    expect(of('Error', one)).toBe(of('Error', other));
  });
});

describe('failures with several causes have several', () => {
  test.each([
    ['words', of('no row'), of('no column')],
    ['failed line', of('Error', '> 1 | await a();'), of('Error', '> 1 | await b();')],
    ['project', of('Error'), fingerprintOf('another project', { message: 'Error' })],
  ])('because of their %s', (_, one, other) => {
    expect(one).not.toBe(other);
  });
});

test('a message of any length and kind has one, soon', () => {
  const startedAt = performance.now();
  for (const text of ['', '/a'.repeat(500_000), 'a1'.repeat(500_000), '\u001b['.repeat(300_000), ' '.repeat(1_000_000)])
    expect(of(text, text)).toMatch(/^[\w-]{16}$/);
  expect(performance.now() - startedAt).toBeLessThan(2_000);
});
