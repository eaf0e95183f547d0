import { expect, test } from 'vitest';
import { lineAt, linesFrom } from '#client/ui/log/log-lines.ts';
import { appendEvents, emptyLog, type RunLog } from './run-log.ts';
import { openTerminalScreen } from './terminal-screen.ts';

type Piece = string | { text: string; stream?: 'stdout' | 'stderr'; position?: number };

/** A log with this output, each piece an event of its own, in batches of `size`. */
function logOf(pieces: Piece[], size = 1, log: RunLog = emptyLog): RunLog {
  const events = pieces.map((piece, index) => ({
    type: 'log' as const,
    stream: 'stdout' as const,
    ...(typeof piece === 'string' ? { text: piece } : piece),
    seq: log.lastSeq + 1 + index,
    at: '2026-01-01T00:00:00.000Z',
  }));
  for (let start = 0; start < events.length; start += size)
    log = appendEvents(log, events.slice(start, start + size), openTerminalScreen);
  return log;
}
const linesOf = (log: RunLog) => [...linesFrom(log.lines)].map(([, { text }]) => text);
const shown = (...pieces: Piece[]) => linesOf(logOf(pieces));

const twoBars = [
  'layer one 0%\nlayer two 0%\n',
  ...[50, 100].map((p) => `\x1b[2A\x1b[2Klayer one ${p}%\n\x1b[2Klayer two ${p}%\n`),
];
const frames = ['⠋', '⠙', '⠹'].map((frame) => `\r\x1b[2K${frame} installing`);

test.each<[string, Piece[], string[]]>([
  ['progress in one line', ['1/3\x1b[1G\x1b[0K2/3\x1b[1G\x1b[0K3/3\n'], ['3/3']],
  ['progress in two lines', twoBars, ['layer one 100%', 'layer two 100%']],
  ['lines after it', [...twoBars, 'done\n', 'more'], ['layer one 100%', 'layer two 100%', 'done', 'more']],
  ['backspaces', ['abc\b\b\bxyz\n', '12\b', '3\n'], ['xyz', '13']],
  ['returns, with what they leave', ['a long line\rshort\n', '10 %\r', '20 %\r', 'done\r\n'], ['shortg line', 'done']],
  ['a spinner that goes away', ['begin\n', ...frames, '\r\x1b[2K', 'done\n'], ['begin', 'done']],
  ['a block that is cleared', ['a\nb\nc\n', '\x1b[2A\x1b[0J', 'd\n'], ['a', 'd']],
  ['eraseLines of ansi-escapes', ['one\ntwo\n', '\x1b[2K\x1b[1A\x1b[2K\x1b[1A\x1b[2K\x1b[G', 'x\n'], ['x']],
  ['saved cursors', ['at \x1b[s', '\x1b[u\x1b[K1', '\x1b[u\x1b[K2', '\x1b7', '!\x1b8?\n'], ['at 2?']],
  ['tabs', ['a\tb\r1\tc\n'], ['1       c']],
  ['columns, up and down', ['\n\n\x1b[2A\x1b[5Gx\x1b[1By\x1b[3Dz\n'], ['    x', '   z y']],
  [
    'deleted and inserted characters and lines',
    ['abcdef\x1b[1G\x1b[2P\x1b[1@-\n', 'q\n\x1b[1A\x1b[1Lp\n'],
    ['-cdef', 'p', 'q'],
  ],
  ['wide characters', ['日本語\x1b[3Gx\n'], ['日x 語']],
  ['sequences that come in two pieces', ['abc\x1b[', '2K\x1b', '[1Gx\n'], ['x']],
  ['a cleared screen', ['a\nb\n', '\x1b[2J\x1b[H', 'c\n'], ['c']],
  ['other screens and resets', ['a\n\x1b[?1049h', 'b\n\x1b[?1049l\x1bc\x1b[3Jc\n'], ['a', 'b', 'c']],
  ['titles and modes', ['\x1b]0;title\x07\x1b[?25la\x1b[?25h\n'], ['a']],
])('%s', (_name, pieces, expected) => {
  expect(shown(...pieces)).toEqual(expected);
  expect(linesOf(logOf(pieces, pieces.length))).toEqual(expected);
});

test('colours and links of drawn lines stay', () => {
  expect(shown('x\r\x1b[31mred\x1b[0m \x1b[92;1mok\n')).toEqual(['\x1b[0;31mred\x1b[0m \x1b[0;1;92mok\x1b[0m']);
  const link = (text: string) => `\x1b]8;;https://example.com/docs\x07${text}\x1b]8;;\x07`;
  expect(shown('x\r', 'see ', link('the docs'), '\n')).toEqual([`see ${link('the docs')}`]);
  expect(shown('x\r', link('the docs'), '\r\x1b[Kgone\n')).toEqual(['gone']);
});

test('plain lines before are left as they are', () => {
  const plain = ['tab\there  ', '\x1b[33mhalf', 'x'.repeat(5_000)];
  expect(shown(`${plain.join('\n')}\n`, '1\r2\n')).toEqual([...plain, '2']);
});

test('each source moves among its own lines only', () => {
  const bars = (position: number) => twoBars.map((text) => ({ text, position }));
  const [a, b] = [bars(0), bars(1)];
  expect(shown(...a.flatMap((piece, index) => [piece, b[index]!]))).toEqual([
    'layer one 100%',
    'layer two 100%',
    'layer one 100%',
    'layer two 100%',
  ]);
  expect(shown('1 %', { text: 'warning\n', stream: 'stderr' }, '\r2 %\n', 'end\n')).toEqual(['2 %', 'warning', 'end']);
  expect(shown('\r1', { text: 'warning\n', stream: 'stderr' }, 'text\n')).toEqual(['1', 'warning', 'text']);
});

test('output of any length is drawn whole, and only lines that change are replaced', () => {
  const long = Array.from({ length: 3_000 }, (_, n) => `line ${n}`);
  const log = logOf(['\r', `${long.join('\n')}\n`]);
  expect(linesOf(log)).toEqual(long);
  const after = logOf(['\x1b[1A\x1b[2Klast\n'], 1, log);
  expect(after.lines.chunks.slice(0, 2)).toEqual(log.lines.chunks.slice(0, 2));
  expect(after.lines.chunks[0]).toBe(log.lines.chunks[0]);
  expect(lineAt(after.lines, 2_998)).toBe(lineAt(log.lines, 2_998));
  expect(lineAt(after.lines, 2_999)?.text).toBe('last');
  expect(lineAt(log.lines, 2_999)?.text).toBe('line 2999');
  const wide = 'wide '.repeat(200_000).trim();
  expect(shown('\r', `${wide}\n`, 'next\n').map((text) => text.length)).toEqual([wide.length, 4]);
});

test('a log that is continued from an older state begins with a new screen', () => {
  const log = logOf(twoBars.slice(0, 2));
  const one = logOf(twoBars.slice(2), 1, log);
  const two = logOf(['\x1b[1A\x1b[2Kother\n'], 1, log);
  expect(linesOf(one)).toEqual(['layer one 100%', 'layer two 100%']);
  expect(linesOf(two)).toEqual(['layer one 50%', 'other']);
});

test('sequences that ask for endless repetition are left out', () => {
  const endless = ['S', 'T', 'L', 'M', 'b', 'I', 'Z', '@', 'P', 'X', 'A', 'B', 'C', 'D'];
  expect(shown(...endless.map((final) => `\x1b[2147483647${final}`), '\x1b[Hend\n')).toEqual(['end']);
});
