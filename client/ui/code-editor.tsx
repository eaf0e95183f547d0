import {
  autocompletion,
  type CompletionSource,
  closeBrackets,
  closeBracketsKeymap,
  completionKeymap,
} from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { javascript, typescriptLanguage } from '@codemirror/lang-javascript';
import { bracketMatching, HighlightStyle, indentOnInput, indentUnit, syntaxHighlighting } from '@codemirror/language';
import { lintGutter, setDiagnostics, type Diagnostic } from '@codemirror/lint';
import { highlightSelectionMatches, search, searchKeymap } from '@codemirror/search';
import { Annotation, EditorState, StateEffect, StateField, type Text } from '@codemirror/state';
import {
  Decoration,
  type DecorationSet,
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  keymap,
  lineNumbers,
} from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { useEffect, useEffectEvent, useRef } from 'react';

export interface CodeProblem {
  /** 1-based. */
  line: number;
  message: string;
}

interface CodeEditorProps {
  label: string;
  value: string;
  readOnly?: boolean;
  onChange: (value: string) => void;
  /** Marked in the gutter and underlined; they move with their lines while the text is edited. */
  problems: readonly CodeProblem[];
  /** The line that is being executed, 1-based. */
  activeLine: number | null;
  /** The text in which the lines of `problems` and `activeLine` count. */
  linesOf: string;
  /** What is offered while typing, beside the words of the language. */
  completions: CompletionSource;
}

/** A TypeScript editor. Tab indents; Escape and then Tab leaves it. Load it lazily: it is most of the page's code. */
export function CodeEditor({
  label,
  value,
  readOnly = false,
  onChange,
  problems,
  activeLine,
  linesOf,
  completions,
}: CodeEditorProps) {
  const parent = useRef<HTMLDivElement>(null);
  const editor = useRef<EditorView>(null);
  const changed = useEffectEvent(onChange);
  // A change of `linesOf` alone moves no mark: what is marked is about the text that was there.
  const lineOf = useEffectEvent((view: EditorView, line: number) =>
    findLine(view.state.doc, linesOf.split('\n'), line),
  );
  const initialValue = useEffectEvent(() => value);

  useEffect(() => {
    if (!parent.current) return;
    const view = new EditorView({
      parent: parent.current,
      state: EditorState.create({
        doc: initialValue(),
        extensions: [
          extensions,
          EditorState.readOnly.of(readOnly),
          typescriptLanguage.data.of({ autocomplete: completions }),
          EditorView.contentAttributes.of({
            'aria-label': label,
            'aria-readonly': String(readOnly),
            'aria-description': 'Tab indents. Press Escape and then Tab to leave the editor.',
          }),
          EditorView.updateListener.of((update) => {
            const fromOutside = update.transactions.some((transaction) => transaction.annotation(isReplacement));
            if (update.docChanged && !fromOutside) changed(update.state.doc.toString());
          }),
        ],
      }),
    });
    editor.current = view;
    return () => view.destroy();
  }, [label, readOnly, completions]);

  useEffect(() => {
    const view = editor.current;
    // What was typed here comes back as `value`; only a value from elsewhere replaces the text.
    if (!view || view.state.doc.toString() === value) return;
    view.dispatch({
      changes: { from: 0, to: view.state.doc.length, insert: value },
      annotations: isReplacement.of(true),
    });
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
    view.dispatch(setDiagnostics(view.state, diagnostics));
  }, [problems]);

  useEffect(() => {
    const view = editor.current;
    if (!view) return;
    const line = activeLine === null ? null : lineOf(view, activeLine);
    view.dispatch({ effects: setActiveLine.of(line?.from ?? null) });
  }, [activeLine]);

  return <div ref={parent} className="h-full min-h-0" />;
}

/** The text was replaced by `value`, which is nothing that was typed here. */
const isReplacement = Annotation.define<true>();

/** The line of `doc` that is line `number` of `lines`, though others may have been added or removed above it. */
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

/** The start of the line that is being executed. */
const setActiveLine = StateEffect.define<number | null>();

const activeLineField = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(marks, transaction) {
    let updated = marks.map(transaction.changes);
    for (const effect of transaction.effects) {
      if (!effect.is(setActiveLine)) continue;
      updated =
        effect.value === null
          ? Decoration.none
          : Decoration.set(Decoration.line({ class: 'cm-executedLine' }).range(effect.value));
    }
    return updated;
  },
  provide: (field) => EditorView.decorations.from(field),
});

const color = (name: string) => `var(--color-${name})`;

const highlighting = HighlightStyle.define([
  { tag: [tags.keyword, tags.modifier, tags.operatorKeyword], color: color('code-keyword') },
  { tag: [tags.string, tags.special(tags.string), tags.regexp], color: color('code-string') },
  { tag: [tags.number, tags.bool, tags.null, tags.atom], color: color('code-number') },
  { tag: [tags.function(tags.variableName), tags.function(tags.propertyName)], color: color('code-function') },
  { tag: [tags.typeName, tags.className, tags.namespace], color: color('code-type') },
  { tag: tags.comment, color: color('code-comment'), fontStyle: 'italic' },
  { tag: tags.invalid, color: color('bad') },
]);

const theme = EditorView.theme({
  '&': { height: '100%', fontSize: '0.8125rem', color: color('ink'), backgroundColor: 'transparent' },
  '&.cm-focused': { outline: `2px solid ${color('accent')}`, outlineOffset: '-2px' },
  '.cm-scroller': { fontFamily: 'var(--font-mono)', lineHeight: '1.6', overflow: 'auto' },
  '.cm-content': { padding: '0.75rem 0', caretColor: color('ink') },
  '.cm-line': { padding: '0 1rem 0 0.5rem' },
  '.cm-cursor': { borderLeftColor: color('ink'), borderLeftWidth: '2px' },
  '.cm-gutters': { backgroundColor: 'transparent', color: color('muted'), border: 'none', paddingLeft: '0.25rem' },
  '.cm-activeLine': { backgroundColor: 'color-mix(in srgb, var(--color-ink) 4%, transparent)' },
  '.cm-executedLine': { backgroundColor: color('busy-tint'), boxShadow: `inset 3px 0 ${color('busy')}` },
  '.cm-activeLineGutter': { backgroundColor: 'transparent', color: color('ink') },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    backgroundColor: 'color-mix(in srgb, var(--color-accent) 25%, transparent)',
  },
  '.cm-selectionMatch': { backgroundColor: 'color-mix(in srgb, var(--color-lamp) 25%, transparent)' },
  '&.cm-focused .cm-matchingBracket': {
    backgroundColor: 'color-mix(in srgb, var(--color-accent) 20%, transparent)',
  },
  '.cm-tooltip, .cm-panels': {
    backgroundColor: color('raised'),
    color: color('ink'),
    border: `1px solid ${color('line-strong')}`,
    borderRadius: '0.375rem',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]': {
    backgroundColor: color('accent'),
    color: color('on-ink'),
  },
  '.cm-diagnostic': { whiteSpace: 'pre-wrap', fontFamily: 'var(--font-mono)', padding: '0.375rem 0.625rem' },
  '.cm-tooltip.cm-completionInfo': { padding: '0.375rem 0.625rem', maxWidth: '26rem' },
  '.cm-completionDetail': { color: 'inherit', opacity: 0.8, fontStyle: 'normal' },
  '.cm-panels input, .cm-panels button': { color: 'inherit' },
});

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
  syntaxHighlighting(highlighting),
  theme,
  keymap.of([
    ...closeBracketsKeymap,
    ...defaultKeymap,
    ...searchKeymap,
    ...historyKeymap,
    ...completionKeymap,
    indentWithTab,
  ]),
];
