import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { Plugin } from 'vite';
// The program that reads the types in the browser says here which of them it reads.
// oxlint-disable-next-line import/no-relative-parent-imports
import { createChecker } from '../client/tests/type-check/checker.ts';

/** What scripts can import, and what those packages import in turn. Others cannot be resolved in a run. */
const packages = ['@playwright/test', 'playwright', 'playwright-core', '@types/node', 'undici-types', 'typescript'];

/** Provides `virtual:script-types`: texts of the type declarations that scripts can use, by their paths below `/`. */
export function scriptTypes(): Plugin {
  const id = 'virtual:script-types';
  return {
    name: 'script-types',
    resolveId: (source) => (source === id ? `\0${id}` : undefined),
    // A browser parses JSON faster than JavaScript.
    load: (resolved) =>
      resolved === `\0${id}` ? `export default JSON.parse(${JSON.stringify(JSON.stringify(readTypes()))})` : undefined,
  };
}

function readTypes(): Record<string, string> {
  const files: Record<string, string> = {};
  const folders = findFolders();
  const checker = createChecker((name) => {
    const owner = packages.find((it) => name.startsWith(`/node_modules/${it}/`));
    if (owner === undefined) return undefined;
    const file = path.join(folders[owner]!, name.slice(`/node_modules/${owner}`.length));
    try {
      files[name] = readFileSync(file, 'utf8');
    } catch {
      return undefined;
    }
    return files[name];
  });
  const script = packages.slice(0, 3).map((name) => `import '${name}';`);
  const problems = checker.problems({ script: script.join('\n'), variables: [] });
  if (problems.length > 0) throw new Error(`Types of scripts cannot be read: ${JSON.stringify(problems)}`);
  return files;
}

function findFolders(): Record<string, string> {
  const require = createRequire(import.meta.url);
  // Found from the package that is installed on purpose; the two others are its own.
  const fromPlaywright = createRequire(require.resolve('@playwright/test/package.json'));
  const resolve = (name: string) => {
    if (name === 'typescript') return require.resolve('typescript-5.9/package.json');
    return (name.startsWith('playwright') ? fromPlaywright : require).resolve(`${name}/package.json`);
  };
  return Object.fromEntries(packages.map((name) => [name, path.dirname(resolve(name))]));
}
