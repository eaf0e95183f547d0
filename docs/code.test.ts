import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { builtPackage } from '#server/testing/built-package.ts';

const root = path.resolve(import.meta.dirname, '..');
const documents = [
  'README.md',
  ...readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => path.posix.join('docs', file)),
];

interface Block {
  /** Where it stands, such as `README.md:44`. */
  at: string;
  /** The file that it is quoted from: the word after `ts` in its first line. Undefined for a whole program. */
  file: string | undefined;
  code: string;
}

/** The blocks of TypeScript in a text: ```ts for a whole program, ```ts path/of/file.ts for a quotation. */
function findBlocks(document: string, text: string): Block[] {
  return [...text.matchAll(/^```tsx?(?: (\S+))?\n(.*?)^```$/gms)].map((match) => ({
    at: `${document}:${text.slice(0, match.index).split('\n').length}`,
    file: match[1],
    code: match[2]!,
  }));
}

const blocks = documents.flatMap((document) => findBlocks(document, readFileSync(path.join(root, document), 'utf8')));
const withoutSpace = (code: string) => code.replace(/\s+/g, ' ').trim();

/** Parts of a quotation, which lines with `// …` separate, that the file does not have. */
function missingParts({ file, code }: Block, source: string): string[] {
  const text = withoutSpace(source);
  return code
    .split(/^\s*\/\/ …\s*$/m)
    .filter((part) => !text.includes(withoutSpace(part)))
    .map((part) => `${file} does not have:\n${part}`);
}

test('code that documents quote from a file stands there', () => {
  const quotations = blocks.filter(({ file }) => file !== undefined);
  for (const block of quotations)
    expect(missingParts(block, readFileSync(path.join(root, block.file!), 'utf8')), block.at).toEqual([]);
  expect(quotations.length).toBeGreaterThan(0);
});

test('a quotation that its file does not have is found', () => {
  const [block] = findBlocks('x.md', '```ts a.ts\nconst a = 1;\n// …\nconst c = 4;\n```\n');
  expect(missingParts(block!, 'const a = 1;\nconst b = 2;\nconst c = 3;\n')).toEqual([
    expect.stringContaining('const c = 4;'),
  ]);
});

test('programs in documents compile with the package of the client', async () => {
  const programs = blocks.filter(({ file }) => file === undefined);
  // In the project, so that its packages are found, and in a folder that no other tool looks into.
  await mkdir(path.join(root, 'test-results'), { recursive: true });
  const dir = await mkdtemp(path.join(root, 'test-results/docs-'));
  try {
    builtPackage();
    await mkdir(path.join(dir, 'node_modules'));
    await symlink(path.join(root, 'dist/package'), path.join(dir, 'node_modules/runlight'));
    const names = programs.map(({ at }) => `${at.replace(/[^\w]+/g, '-')}.ts`);
    for (const [index, { code }] of programs.entries()) await writeFile(path.join(dir, names[index]!), code);
    const tsconfig = { extends: path.join(root, 'tsconfig.json'), include: [], files: names };
    await writeFile(path.join(dir, 'tsconfig.json'), JSON.stringify(tsconfig));
    const tsc = path.join(root, 'node_modules/typescript/bin/tsc');
    const outcome = await promisify(execFile)(process.execPath, [tsc, '-p', dir]).catch((error: Error) => error);
    expect(outcome).toMatchObject({ stdout: '' });
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
});
