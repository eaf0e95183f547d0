import { syntaxTree } from '@codemirror/language';
import type { EditorState, Extension } from '@codemirror/state';
import { type EditorView, gutter, GutterMarker, keymap } from '@codemirror/view';

/** `test`, or what `test.extend()` is usually called; `test.skip` and `test.fixme` run nothing. */
const callsTest = /^(?:it|test|\w+Test)(?:\.only|\.fail(?:\.only)?)?$/;

/** The lines, 1-based and in order, in which a test begins. */
export function testLines(state: EditorState): number[] {
  const lines = new Set<number>();
  syntaxTree(state).iterate({
    enter({ name, from, node }) {
      if (name !== 'CallExpression') return;
      const list = node.getChild('ArgList');
      const [title, body] = list ? [list.firstChild?.nextSibling, list.lastChild?.prevSibling] : [];
      const hasTitle =
        title?.name === 'String' || title?.name === 'TemplateString' || title?.name === 'BinaryExpression';
      const hasBody = body?.name === 'ArrowFunction' || body?.name === 'FunctionExpression';
      const callee = state.sliceDoc(from, node.firstChild?.to ?? from);
      if (hasTitle && hasBody && callsTest.test(callee)) lines.add(state.doc.lineAt(from).number);
    },
  });
  return [...lines].sort((a, b) => a - b);
}

class RunMarker extends GutterMarker {
  override toDOM() {
    const button = document.createElement('span');
    button.className = 'cm-runTest';
    button.title = 'Run this test';
    button.textContent = '▶';
    return button;
  }
}
const marker = new RunMarker();

/** A button beside each test that runs it, and a key for the one at the cursor. */
export function runGutter(onRun: (line: number) => void): Extension {
  // Asked for by each line that is drawn.
  const known = new WeakMap<EditorState, ReadonlySet<number>>();
  const linesOf = (state: EditorState) => {
    const lines = known.get(state) ?? new Set(testLines(state));
    known.set(state, lines);
    return lines;
  };
  const lineAt = ({ state }: EditorView, from: number) => state.doc.lineAt(from).number;
  return [
    gutter({
      class: 'cm-runGutter',
      lineMarker: (view, { from }) => (linesOf(view.state).has(lineAt(view, from)) ? marker : null),
      lineMarkerChange: (update) => update.docChanged || syntaxTree(update.startState) !== syntaxTree(update.state),
      initialSpacer: () => marker,
      domEventHandlers: {
        click(view, { from }) {
          const line = lineAt(view, from);
          if (!linesOf(view.state).has(line)) return false;
          onRun(line);
          return true;
        },
      },
    }),
    keymap.of([
      {
        key: 'Mod-Shift-Enter',
        run(view) {
          const cursor = lineAt(view, view.state.selection.main.head);
          const line = [...linesOf(view.state)].findLast((it) => it <= cursor);
          if (line !== undefined) onRun(line);
          return true;
        },
      },
    ]),
  ];
}
