import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { Plugin } from 'vite';

/** A member of one of Playwright's interfaces, as an editor offers it. */
interface ApiMember {
  name: string;
  /** Such as `(url, options?)`; null: not a method. */
  params: string | null;
  /** The interface that it, or what it promises, has; null: none of those that are known here. */
  type: string | null;
  /** First sentence of its documentation. */
  info: string;
}
type PlaywrightApi = Record<string, ApiMember[]>;

const interfaces = {
  'playwright-core/types/types.d.ts': [
    'Page',
    'Frame',
    'FrameLocator',
    'Locator',
    'BrowserContext',
    'Browser',
    'APIRequestContext',
    'APIResponse',
    'Request',
    'Response',
    'Route',
    'Keyboard',
    'Mouse',
    'Touchscreen',
    'Clock',
    'Dialog',
    'Download',
    'FileChooser',
    'ConsoleMessage',
    'Tracing',
  ],
  'playwright/types/test.d.ts': [
    'TestType',
    'TestInfo',
    'AsymmetricMatchers',
    'GenericAssertions',
    'LocatorAssertions',
    'PageAssertions',
    'APIResponseAssertions',
  ],
};
const known = new Set(Object.values(interfaces).flat());

/** Provides `virtual:playwright-api`: what the installed Playwright can do, read from its own types. */
export function playwrightApi(): Plugin {
  const id = 'virtual:playwright-api';
  return {
    name: 'playwright-api',
    resolveId: (source) => (source === id ? `\0${id}` : undefined),
    load: (resolved) => (resolved === `\0${id}` ? `export default ${JSON.stringify(readApi())}` : undefined),
  };
}

function readApi(): PlaywrightApi {
  // Found from the package that is installed on purpose; the two others are its own.
  const require = createRequire(createRequire(import.meta.url).resolve('@playwright/test/package.json'));
  return Object.fromEntries(
    Object.entries(interfaces).flatMap(([file, names]) => {
      const [name, ...rest] = file.split('/') as [string, ...string[]];
      const folder = path.dirname(require.resolve(`${name}/package.json`));
      const source = readFileSync(path.join(folder, ...rest), 'utf8');
      return names.map((it) => [it, readInterface(source, it)]);
    }),
  );
}

/** Throws when there is no such interface: Playwright's types are then written in another way. */
function readInterface(source: string, name: string): ApiMember[] {
  const body = new RegExp(`^(?:export )?interface ${name}\\b[^{]*(?:\\{\\}[^{]*)*\\{\\n(.*?)^\\}`, 'ms').exec(
    source,
  )?.[1];
  if (!body) throw new Error(`Playwright's types have no interface ${name}`);
  const members = new Map<string, ApiMember>();
  // Members begin with their comment or, where they have none, after an empty line.
  for (const part of body.split(/^(?= {2}\/\*\*\n)|\n\n(?= {2}\w)/m)) {
    const [, comment = '', text = ''] = /^(?: {2}\/\*\*\n(.*?)^ {3}\*\/\n)?(.*)$/ms.exec(part) ?? [];
    const member = readMember(text.replaceAll(/\/\*\*.*?\*\//gs, '').trim(), comment);
    // Of overloads, the first; `$` and the like are there for the sake of old scripts.
    if (member && !members.has(member.name) && !/@deprecated|\*\*NOTE\*\* Use locator-based/.test(comment))
      members.set(member.name, member);
  }
  if (members.size === 0) throw new Error(`Nothing was found in Playwright's interface ${name}`);
  return [...members.values()];
}

function readMember(text: string, comment: string): ApiMember | undefined {
  const name = /^(?:readonly )?(\w+)\??(?=[<(:])/.exec(text)?.[1];
  if (!name) return undefined;
  const open = /^(?:readonly )?\w+(?:<[^(]*>)?\(/.exec(text)?.[0].length;
  if (open === undefined)
    return {
      name,
      params: /^\w+: \{?\s*(?:<[^(]*>)?\(/.test(text) ? '(…)' : null,
      type: typeIn(text),
      info: sentence(comment),
    };
  const params = split(text.slice(open));
  const names = params.list.map((param) => /^(\.{3})?(\w+)(\?)?/.exec(param)).map((it) => (it ? it[0] : '…'));
  return {
    name,
    params: `(${names.join(', ')})`,
    type: typeIn(text.slice(open + params.length)),
    info: sentence(comment),
  };
}

/** Parameters up to the parenthesis that closes them, and how much text they are. */
function split(text: string): { list: string[]; length: number } {
  const list = [''];
  let depth = 0;
  for (const [index, character] of [...text].entries()) {
    if (character === ')' && depth === 0) return { list: list.map((it) => it.trim()).filter(Boolean), length: index };
    if ('({[<'.includes(character)) depth += 1;
    if (')}]'.includes(character) || (character === '>' && text[index - 1] !== '=')) depth -= 1;
    if (character === ',' && depth === 0) list.push('');
    else list[list.length - 1] += character;
  }
  return { list: [], length: text.length };
}

function typeIn(text: string): string | null {
  const type = /^\)?[^:]*:\s*(?:Promise<)?(?:null\|)?(\w+)/.exec(text)?.[1];
  return type && known.has(type) ? type : null;
}

function sentence(comment: string): string {
  const text = comment
    .replace(/^ *\* ?/gm, '')
    .split(/\n\n|\n\*\*|```/)[0]!
    .replaceAll('\n', ' ')
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replaceAll('`', '')
    .trim();
  return /^.*?[.!?](?= |$)/.exec(text)?.[0] ?? text;
}
