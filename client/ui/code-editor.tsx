import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { javascript } from '@codemirror/lang-javascript';
import { bracketMatching, HighlightStyle, indentOnInput, indentUnit, syntaxHighlighting } from '@codemirror/language';
import { lintGutter, setDiagnostics, type Diagnostic } from '@codemirror/lint';
import { highlightSelectionMatches, search, searchKeymap } from '@codemirror/search';
import { EditorState } from '@codemirror/state';
import {
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
  onChange: (value: string) => void;
  /** Marked in the gutter and underlined until their line is edited. */
  problems: readonly CodeProblem[];
}

/** A TypeScript editor. Tab indents; Escape and then Tab leaves it. Loaded lazily: it is most of the page's code. */
export default function CodeEditor({ label, value, onChange, problems }: CodeEditorProps) {
  const parent = useRef<HTMLDivElement>(null);
  const editor = useRef<EditorView>(null);
  const changed = useEffectEvent(onChange);
  const initialValue = useRef(value);

  useEffect(() => {
    if (!parent.current) return;
    const view = new EditorView({
      parent: parent.current,
      state: EditorState.create({
        doc: initialValue.current,
        extensions: [
          extensions,
          EditorView.contentAttributes.of({
            'aria-label': label,
            'aria-description': 'Tab indents. Press Escape and then Tab to leave the editor.',
          }),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) changed(update.state.doc.toString());
          }),
        ],
      }),
    });
    editor.current = view;
    return () => view.destroy();
  }, [label]);

  useEffect(() => {
    const view = editor.current;
    // What was typed here comes back as `value`; only a value from elsewhere replaces the text.
    if (!view || view.state.doc.toString() === value) return;
    view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: value } });
  }, [value]);

  useEffect(() => {
    const view = editor.current;
    if (!view) return;
    const { doc } = view.state;
    const diagnostics = problems.flatMap(({ line, message }): Diagnostic[] => {
      if (line < 1 || line > doc.lines) return [];
      const { from, to, text } = doc.line(line);
      return [{ from: from + (text.length - text.trimStart().length), to, severity: 'error', message }];
    });
    view.dispatch(setDiagnostics(view.state, diagnostics));
  }, [problems]);

  return <div ref={parent} className="h-full min-h-0" />;
}

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
