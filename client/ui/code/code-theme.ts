import { HighlightStyle } from '@codemirror/language';
import { EditorView } from '@codemirror/view';
import { tags } from '@lezer/highlight';

const color = (name: string) => `var(--color-${name})`;

export const codeHighlighting = HighlightStyle.define([
  { tag: [tags.keyword, tags.modifier, tags.operatorKeyword], color: color('code-keyword') },
  { tag: [tags.string, tags.special(tags.string), tags.regexp], color: color('code-string') },
  { tag: [tags.number, tags.bool, tags.null, tags.atom], color: color('code-number') },
  { tag: [tags.function(tags.variableName), tags.function(tags.propertyName)], color: color('code-function') },
  { tag: [tags.typeName, tags.className, tags.namespace], color: color('code-type') },
  { tag: tags.comment, color: color('code-comment'), fontStyle: 'italic' },
  { tag: tags.invalid, color: color('bad') },
]);

export const codeTheme = EditorView.theme({
  '&': { height: '100%', fontSize: '0.8125rem', color: color('ink'), backgroundColor: 'transparent' },
  '&.cm-focused': { outline: `2px solid ${color('accent')}`, outlineOffset: '-2px' },
  '.cm-scroller': { fontFamily: 'var(--font-mono)', lineHeight: '1.6', overflow: 'auto' },
  '.cm-content': { padding: '0.75rem 0', caretColor: color('ink') },
  '.cm-line': { padding: '0 1rem 0 0.5rem' },
  '.cm-cursor': { borderLeftColor: color('ink'), borderLeftWidth: '2px' },
  '.cm-gutters': { backgroundColor: 'transparent', color: color('muted'), border: 'none', paddingLeft: '0.25rem' },
  '.cm-activeLine': { backgroundColor: 'color-mix(in srgb, var(--color-ink) 4%, transparent)' },
  '.cm-executedLine': { backgroundColor: color('busy-tint'), boxShadow: `inset 3px 0 ${color('busy')}` },
  '.cm-runTest': {
    display: 'block',
    padding: '0 0.25rem',
    fontSize: '0.625rem',
    cursor: 'pointer',
    color: color('muted'),
  },
  '.cm-runTest:hover': { color: color('good') },
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
  '.cm-typeInfo': {
    maxWidth: '36rem',
    maxHeight: '16rem',
    overflow: 'auto',
    padding: '0.375rem 0.625rem',
    whiteSpace: 'pre-wrap',
    '& code': { fontFamily: 'var(--font-mono)' },
    '& p': { marginTop: '0.375rem', fontFamily: 'var(--font-sans)', color: color('muted') },
  },
  '.cm-tooltip.cm-completionInfo': { padding: '0.375rem 0.625rem', maxWidth: '26rem' },
  '.cm-completionDetail': { color: 'inherit', opacity: 0.8, fontStyle: 'normal' },
  '.cm-panels.cm-panels-top': { border: 'none', borderBottom: `1px solid ${color('line')}`, borderRadius: '0' },
  '.cm-panel.cm-search': {
    padding: '0.375rem 2.5rem 0.375rem 0.75rem',
    fontFamily: 'var(--font-sans)',
    '& input, & button, & label': { margin: '0.125rem 0.375rem 0.125rem 0', fontSize: '0.8125rem' },
    '& label': { display: 'inline-flex', alignItems: 'center', gap: '0.375rem', minHeight: '2rem' },
    '& input[type=checkbox]': { accentColor: color('accent') },
    '& label input': { margin: '0' },
    '& [name=close]': { top: '0.5rem', right: '0.5rem', width: '2rem', height: '2rem', fontSize: '1.25rem' },
  },
  '.cm-panel .cm-textfield': {
    width: '16rem',
    maxWidth: '100%',
    minHeight: '2rem',
    padding: '0 0.625rem',
    border: `1px solid ${color('control')}`,
    borderRadius: '0.375rem',
    backgroundColor: color('surface'),
    color: 'inherit',
  },
  '.cm-panel .cm-button': {
    minHeight: '2rem',
    padding: '0 0.625rem',
    border: `1px solid ${color('line-strong')}`,
    borderRadius: '0.375rem',
    backgroundColor: color('surface'),
    backgroundImage: 'none',
    color: 'inherit',
    textTransform: 'capitalize',
  },
  '.cm-panel .cm-button:hover': { backgroundColor: color('hover') },
  '.cm-panel button[name=close]': { color: color('muted') },
});
