import { type EditorState, StateEffect, StateField, type Transaction } from '@codemirror/state';
import { lineEndsOf } from '#client/ui/line-ends.ts';

/** Comes with a change that replaces the whole text by one with these line ends. */
const setLineEnds = StateEffect.define<LineEnds>();

interface LineEnds {
  /** The end of each line but the last. */
  ends: readonly string[];
  /** The end of new lines. */
  usual: string;
}

/** A document of the editor has only lines. Without this field, saving it would rewrite all line ends. */
const lineEndsField = StateField.define<LineEnds>({
  create: () => lineEndsIn(''),
  update(now, transaction) {
    const replaced = transaction.effects.find((effect) => effect.is(setLineEnds));
    if (replaced) return replaced.value;
    return transaction.docChanged ? { ...now, ends: endsAfter(now, transaction) } : now;
  },
});

/** Lets the editor keep the line ends of `text`. New lines end as most of its lines do. */
export const keepLineEnds = (text: string) => lineEndsField.init(() => lineEndsIn(text));

/** The text of the editor with its line ends. */
export function textOf(state: EditorState): string {
  const { ends } = state.field(lineEndsField);
  return [...state.doc.iterLines()].map((line, index) => line + (ends[index] ?? '')).join('');
}

/** Changes the text of the editor, with its line ends, to `text`. */
export function replaceText(state: EditorState, text: string) {
  return {
    changes: { from: 0, to: state.doc.length, insert: text },
    effects: setLineEnds.of(lineEndsIn(text)),
  };
}

function endsAfter({ ends, usual }: LineEnds, { startState, changes }: Transaction): readonly string[] {
  const { doc } = startState;
  const after: string[] = [];
  let kept = 0;
  changes.iterChanges((from, to, _fromAfter, _toAfter, inserted) => {
    const first = doc.lineAt(from).number - 1;
    after.push(...ends.slice(kept, first), ...Array.from({ length: inserted.lines - 1 }, () => usual));
    kept = doc.lineAt(to).number - 1;
  });
  return [...after, ...ends.slice(kept)];
}

function lineEndsIn(text: string): LineEnds {
  const ends = lineEndsOf(text);
  const counts = new Map<string, number>();
  for (const end of ends) counts.set(end, (counts.get(end) ?? 0) + 1);
  const [usual] = [...counts].reduce((most, one) => (one[1] > most[1] ? one : most), ['\n', 0]);
  return { ends, usual };
}
