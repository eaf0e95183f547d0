import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { runCommand } from '#server/testing/run-command.ts';

const text = readFileSync(path.join(import.meta.dirname, 'cli.md'), 'utf8');
const help = async (...args: string[]) => (await runCommand([...args, '--help'])).stdout;
/** First cells of a table, without what follows their first word. */
const firstWords = (heading: string) =>
  text
    .split(`## ${heading}\n`)[1]!
    .split('\n## ')[0]!
    .split('\n')
    .flatMap((line) => /^\| (`.+?) +\|/.exec(line)?.[1]?.match(/`[^`]+`/g) ?? [])
    .map((cell) => cell.slice(1, -1).split(' ')[0]!);
const commandsOf = (shown: string) =>
  [...shown.split('Commands:')[1]!.matchAll(/^ {2}(\S+)/gm)].map(([, name]) => name!);
const flagsOf = (shown: string) => [...shown.matchAll(/^ {2}(?:-\w, )?(--[\w-]+)/gm)].map(([, flag]) => flag!);

test('the document lists the commands, flags and exit codes that the help lists', async () => {
  const commands = commandsOf(await help());
  expect(firstWords('Commands').toSorted()).toEqual(commands.toSorted());
  const pages = await Promise.all(commands.filter((name) => name !== 'help').map((name) => help(name)));
  const documented = new Set([...firstWords('Flags'), ...firstWords('Suites')]);
  expect([...documented].toSorted()).toEqual([...new Set(pages.flatMap(flagsOf))].toSorted());
  for (const page of pages) expect(page).toMatch(/Examples:\n {2}\$ /);
  const codes = /Exit codes: ([^.]+)\./.exec(await help())![1]!.match(/\d+/g);
  expect(firstWords('Exit codes')).toEqual(codes);
});
