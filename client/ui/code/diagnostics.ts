import { type Diagnostic, forEachDiagnostic, setDiagnostics } from '@codemirror/lint';
import type { EditorState, TransactionSpec } from '@codemirror/state';

/** Replaces the diagnostics of one source. Those of others stay where edits have moved them. */
export function replaceDiagnostics(
  state: EditorState,
  source: string,
  diagnostics: readonly Diagnostic[],
): TransactionSpec {
  const others: Diagnostic[] = [];
  forEachDiagnostic(state, (diagnostic, from, to) => {
    if (diagnostic.source !== source) others.push({ ...diagnostic, from, to });
  });
  return setDiagnostics(state, [...others, ...diagnostics.map((diagnostic) => ({ ...diagnostic, source }))]);
}
