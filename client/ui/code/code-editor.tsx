import {
  autocompletion,
  type CompletionSource,
  closeBrackets,
  closeBracketsKeymap,
  completionKeymap,
} from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { javascript, typescriptLanguage } from '@codemirror/lang-javascript';
import { bracketMatching, indentOnInput, indentUnit, syntaxHighlighting } from '@codemirror/language';
import { lintGutter, nextDiagnostic, type Diagnostic } from '@codemirror/lint';
import { highlightSelectionMatches, search, searchKeymap } from '@codemirror/search';
import { Annotation, EditorState, type Extension, type Text } from '@codemirror/state';
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  keymap,
  lineNumbers,
} from '@codemirror/view';
import { useEffect, useEffectEvent, useRef } from 'react';
import { splitLines } from '#client/ui/line-ends.ts';
import { activeLineField, setActiveLine } from './active-line.ts';
import { codeHighlighting, codeTheme } from './code-theme.ts';
import { replaceDiagnostics } from './diagnostics.ts';
import { runGutter } from './run-gutter.ts';
import { keepLineEnds, replaceText, textOf } from './kept-line-ends.ts';

export interface CodeProblem {
  /** 1-based. */
  line: number;
  message: string;
}

interface CodeEditorProps {
  label: string;
  /** Keeps its line ends. New lines end as most of its lines do. */
  value: string;
  readOnly?: boolean;
  onChange: (value: string) => void;
  /** Marked in the gutter and underlined; they move with their lines while the text is edited. */
  problems: readonly CodeProblem[];
  /** The line that is being executed, 1-based. */
  activeLine: number | null;
  /** The text to which the lines of `problems` and `activeLine` belong. */
  linesOf: string;
  /** Runs the test that begins in a line, 1-based. Without it, no line has a button. */
  onRunLine?: ((line: number) => void) | undefined;
  /** Completions beside those of the language. */
  completions: CompletionSource;
  /** More behaviour. Another value begins with a new editor. */
  extension?: Extension | undefined;
}

/** A TypeScript editor. Tab indents; Escape and then Tab leaves it. Load it lazily, since it is large. */
export function CodeEditor({
  label,
  value,
  readOnly = false,
  onChange,
  problems,
  activeLine,
  linesOf,
  onRunLine,
  completions,
  extension = none,
}: CodeEditorProps) {
  const parent = useRef<HTMLDivElement>(null);
  const editor = useRef<EditorView>(null);
  const changed = useEffectEvent(onChange);
  // A change of `linesOf` alone moves no mark.
  const lineOf = useEffectEvent((view: EditorView, line: number) =>
    findLine(view.state.doc, splitLines(linesOf), line),
  );
  const runLine = useEffectEvent((line: number) => onRunLine?.(line));
  const runsLines = onRunLine !== undefined && !readOnly;
  const initialValue = useEffectEvent(() => value);

  useEffect(() => {
    if (!parent.current) return;
    const view = new EditorView({
      parent: parent.current,
      state: EditorState.create({
        doc: initialValue(),
        extensions: [
          extensions,
          runsLines ? runGutter((line) => runLine(line)) : [],
          keepLineEnds(initialValue()),
          EditorState.readOnly.of(readOnly),
          typescriptLanguage.data.of({ autocomplete: completions }),
          extension,
          EditorView.contentAttributes.of({
            'aria-label': label,
            'aria-readonly': String(readOnly),
            'aria-description': `Tab indents. Press Escape and then Tab to leave the editor. F8 goes to the next problem.${runsLines ? ' Ctrl or Cmd with Shift and Enter runs the test at the cursor.' : ''}`,
          }),
          EditorView.updateListener.of((update) => {
            const fromOutside = update.transactions.some((transaction) => transaction.annotation(isReplacement));
            if (update.docChanged && !fromOutside) changed(textOf(update.state));
          }),
        ],
      }),
    });
    editor.current = view;
    return () => view.destroy();
  }, [label, readOnly, runsLines, completions, extension]);

  useEffect(() => {
    const view = editor.current;
    // Typed text comes back as `value`; only another value replaces the text.
    if (!view || textOf(view.state) === value) return;
    view.dispatch({ ...replaceText(view.state, value), annotations: isReplacement.of(true) });
  }, [value]);

  useEffect(() => {
    const view = editor.current;
    if (!view) return;
    const diagnostics = problems.flatMap(({ line, message }): Diagnostic[] => {
      const found = lineOf(view, line);
      if (!found) return [];
      const { from, to, text } = found;
      return [{ from: from + (text.length - text.trimStart().length), to, severity: 'error', message }];
    });
    view.dispatch(replaceDiagnostics(view.state, 'Last run', diagnostics));
  }, [problems]);

  useEffect(() => {
    const view = editor.current;
    if (!view) return;
    const line = activeLine === null ? null : lineOf(view, activeLine);
    view.dispatch({ effects: setActiveLine.of(line?.from ?? null) });
  }, [activeLine]);

  return <div ref={parent} className="h-full min-h-0" />;
}

const none: Extension = [];

/** Marks a change that `value` has made, not the user. */
const isReplacement = Annotation.define<true>();

/** The line of `doc` with the text of line `number` of `lines`: the nearest one, where lines were added or removed. */
function findLine(doc: Text, lines: readonly string[], number: number) {
  const wanted = lines[number - 1];
  if (wanted === undefined) return null;
  for (let distance = 0; distance < doc.lines; distance += 1) {
    for (const candidate of [number - distance, number + distance]) {
      if (candidate < 1 || candidate > doc.lines) continue;
      const line = doc.line(candidate);
      if (line.text === wanted) return line;
    }
  }
  return null;
}

const extensions = [
  lineNumbers(),
  highlightActiveLineGutter(),
  highlightActiveLine(),
  history(),
  drawSelection(),
  indentOnInput(),
  bracketMatching(),
  closeBrackets(),
  autocompletion(),
  search({ top: true }),
  highlightSelectionMatches(),
  lintGutter(),
  activeLineField,
  EditorView.lineWrapping,
  indentUnit.of('  '),
  javascript({ typescript: true }),
  syntaxHighlighting(codeHighlighting),
  codeTheme,
  keymap.of([
    ...closeBracketsKeymap,
    ...defaultKeymap,
    ...searchKeymap,
    ...historyKeymap,
    ...completionKeymap,
    indentWithTab,
    { key: 'F8', run: nextDiagnostic },
  ]),
];
