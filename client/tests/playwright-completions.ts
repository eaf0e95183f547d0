import {
  type Completion,
  type CompletionContext,
  type CompletionResult,
  snippetCompletion,
} from '@codemirror/autocomplete';
import { ensureSyntaxTree, syntaxTree } from '@codemirror/language';
import type { Text } from '@codemirror/state';
import type { SyntaxNode } from '@lezer/common';
import api from 'virtual:playwright-api';

/** The Playwright type of each name that scripts usually use. */
const globals: Record<string, string> = {
  page: 'Page',
  context: 'BrowserContext',
  browser: 'Browser',
  request: 'APIRequestContext',
  test: 'TestType',
  testInfo: 'TestInfo',
  expect: 'Expect',
};

/** The assertions for each type. */
const assertions: Record<string, string[]> = {
  Locator: ['LocatorAssertions'],
  Page: ['PageAssertions'],
  APIResponse: ['APIResponseAssertions', 'GenericAssertions'],
};

const snippets = [
  snippetCompletion("test('${title}', async ({ ${page} }) => {\n\t${}\n});", {
    label: 'test',
    detail: '(title, body)',
    type: 'function',
    info: 'Declares a test.',
  }),
  snippetCompletion("await test.step('${title}', async () => {\n\t${}\n});", {
    label: 'step',
    detail: 'test.step(title, body)',
    type: 'function',
    info: 'Declares a test step that is shown while it runs.',
  }),
  snippetCompletion('await expect(${page.getByRole}).${toBeVisible}();', {
    label: 'expect',
    detail: '(value)',
    type: 'function',
    info: 'Waits until an assertion about a page or a locator holds.',
  }),
];

/** Completes members of Playwright's objects, fixtures in the parameters of a test, and common snippets. */
export function playwrightCompletions(context: CompletionContext): CompletionResult | null {
  const { state, pos } = context;
  const node = (ensureSyntaxTree(state, pos, 100) ?? syntaxTree(state)).resolveInner(pos, -1);
  const isName = node.name === 'PropertyName';
  if (node.parent?.name === 'MemberExpression' && (isName || node.name === '.')) {
    const receiver = node.parent.firstChild;
    const types = receiver ? typesOf(receiver, state.doc) : [];
    if (types.length === 0) return null;
    return { from: isName ? node.from : pos, options: types.flatMap(membersOf), validFor: /^\w*$/ };
  }
  const word = context.matchBefore(/\w+/);
  if (!word && !context.explicit) return null;
  const from = word?.from ?? pos;
  if (isIn(node, 'ObjectPattern')) return { from, options: fixtures, validFor: /^\w*$/ };
  if (node.name === 'VariableName' || context.explicit) return { from, options: snippets, validFor: /^\w*$/ };
  return null;
}

const fixtures: Completion[] = ['page', 'request', 'context', 'browser'].map((label) => ({
  label,
  detail: globals[label]!,
  type: 'variable',
}));

function membersOf(type: string): Completion[] {
  if (type === 'Expect')
    return [method('soft', '(value)'), method('poll', '(function)'), ...membersOf('AsymmetricMatchers')];
  return (api[type] ?? []).map(({ name, params, info }) =>
    params === null ? { label: name, type: 'property', info } : method(name, params, info),
  );
}

function method(name: string, params: string, info?: string): Completion {
  const completion = { label: name, detail: params, type: 'method', ...(info && { info }) };
  return params === '()' ? { ...completion, apply: `${name}()` } : snippetCompletion(`${name}(\${})`, completion);
}

/** The types of an expression, or of the value that it is a promise of. Empty if unknown. */
function typesOf(node: SyntaxNode, doc: Text, depth = 0): string[] {
  if (depth > 20) return [];
  const of = (other: SyntaxNode | null) => (other ? typesOf(other, doc, depth + 1) : []);
  const text = (it: SyntaxNode) => doc.sliceString(it.from, it.to);
  switch (node.name) {
    case 'VariableName': {
      const value = findValue(node, doc);
      if (value) return of(value);
      const type = globals[text(node)];
      return type ? [type] : [];
    }
    case 'MemberExpression': {
      const property = node.lastChild;
      const members = of(node.firstChild).flatMap((type) => api[type] ?? []);
      const type = property && members.find(({ name }) => name === text(property))?.type;
      return type ? [type] : [];
    }
    case 'CallExpression': {
      const callee = node.firstChild;
      if (!callee) return [];
      const root = callee.name === 'MemberExpression' ? callee.firstChild : callee;
      if (root?.name === 'VariableName' && text(root) === 'expect') {
        const [about = ''] = of(node.getChild('ArgList')?.firstChild?.nextSibling ?? null);
        return assertions[about] ?? ['GenericAssertions'];
      }
      return of(callee);
    }
    case 'ParenthesizedExpression':
      return of(node.firstChild?.nextSibling ?? null);
    case 'AwaitExpression':
    case 'UnaryExpression':
      return of(node.lastChild);
    default:
      return [];
  }
}

/** The last value that a variable was declared with before it is used. */
function findValue(variable: SyntaxNode, doc: Text): SyntaxNode | null {
  const name = doc.sliceString(variable.from, variable.to);
  let root = variable;
  while (root.parent) root = root.parent;
  let value: SyntaxNode | null = null;
  root.cursor().iterate((it) => {
    if (it.from >= variable.from) return false;
    if (it.name !== 'VariableDeclaration') return true;
    for (const definition of it.node.getChildren('VariableDefinition')) {
      const assigned = definition.nextSibling?.name === 'Equals' ? definition.nextSibling.nextSibling : null;
      if (assigned && assigned.to <= variable.from && doc.sliceString(definition.from, definition.to) === name)
        value = assigned;
    }
    return true;
  });
  return value;
}

function isIn(node: SyntaxNode, name: string): boolean {
  for (let it: SyntaxNode | null = node; it; it = it.parent) if (it.name === name) return true;
  return false;
}
