import { TextField } from '#client/ui/text-field.tsx';
import type { RunDraft } from './run-draft.ts';

const optionFields = [
  {
    name: 'projects',
    label: 'Projects',
    hint: 'Of Playwright’s config, separated by commas. Empty: all.',
    placeholder: 'chromium, mobile',
  },
  { name: 'grep', label: 'Titles', hint: 'A regular expression, as --grep.', placeholder: '@smoke' },
  {
    name: 'grepInvert',
    label: 'Titles to leave out',
    hint: 'A regular expression, as --grep-invert.',
    placeholder: '@slow',
  },
  {
    name: 'files',
    label: 'Files',
    hint: 'As after playwright test, separated by spaces.',
    placeholder: 'tests/checkout',
  },
  {
    name: 'args',
    label: 'Other options',
    hint: 'Of playwright test, separated by spaces.',
    placeholder: '--retries=2 --workers=1',
  },
] as const satisfies { name: keyof RunDraft; label: string; hint: string; placeholder: string }[];

/** Fields of what of a suite is run, and how: those of a grid with two columns. */
export function RunFields({
  draft,
  errors,
  prefix = '',
  onChange,
}: {
  draft: RunDraft;
  /** The server's complaints by field. */
  errors: Record<string, string>;
  /** Of the fields' names in the errors. */
  prefix?: string;
  onChange: (change: Partial<RunDraft>) => void;
}) {
  /** Of a field, or of one of its entries. */
  const errorOf = (field: string) =>
    Object.entries(errors).find(([name]) => `${name}.`.startsWith(`${prefix}${field}.`))?.[1];
  const isAuto = draft.shards.trim() === 'auto';
  return (
    <>
      <TextField
        label="Parts"
        hint={
          isAuto ? 'As many as its cases need, by what they took before.' : 'Workers run them side by side. Or: auto.'
        }
        error={errorOf('shards')}
        autoComplete="off"
        spellCheck={false}
        value={draft.shards}
        onChange={(shards) => onChange({ shards })}
      />
      {isAuto && (
        <TextField
          label="Wanted time"
          hint="Minutes that a run should take. Empty: 5."
          error={errorOf('wallTimeMs')}
          inputMode="decimal"
          placeholder="5"
          value={draft.wantedMinutes}
          onChange={(wantedMinutes) => onChange({ wantedMinutes })}
        />
      )}
      {optionFields.map(({ name, ...text }) => (
        <TextField
          key={name}
          {...text}
          error={errorOf(`options.${name}`)}
          value={draft[name]}
          onChange={(value) => onChange({ [name]: value })}
        />
      ))}
    </>
  );
}
