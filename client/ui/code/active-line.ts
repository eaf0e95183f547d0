import { StateEffect, StateField } from '@codemirror/state';
import { Decoration, type DecorationSet, EditorView } from '@codemirror/view';

/** Marks the line that starts at this offset as the one that is being executed; null: none. */
export const setActiveLine = StateEffect.define<number | null>();

/** Holds the mark, which moves with its line while the text is edited. */
export const activeLineField = StateField.define<DecorationSet>({
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
