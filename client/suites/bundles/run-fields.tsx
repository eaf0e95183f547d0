import { TextField } from '#client/ui/text-field.tsx';
import type { RunDraft } from './run-draft.ts';

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
        inputMode="text"
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
      <TextField
        label="Projects"
        hint="Of Playwright’s config, separated by commas. Empty: all."
        error={errorOf('options.projects')}
        placeholder="chromium, mobile"
        value={draft.projects}
        onChange={(projects) => onChange({ projects })}
      />
      <TextField
        label="Titles"
        hint="A regular expression, as --grep."
        error={errorOf('options.grep')}
        placeholder="@smoke"
        value={draft.grep}
        onChange={(grep) => onChange({ grep })}
      />
      <TextField
        label="Titles to leave out"
        hint="A regular expression, as --grep-invert."
        error={errorOf('options.grepInvert')}
        placeholder="@slow"
        value={draft.grepInvert}
        onChange={(grepInvert) => onChange({ grepInvert })}
      />
      <TextField
        label="Files"
        hint="As after playwright test, separated by spaces."
        error={errorOf('options.files')}
        placeholder="tests/checkout"
        value={draft.files}
        onChange={(files) => onChange({ files })}
      />
      <TextField
        label="Other options"
        hint="Of playwright test, separated by spaces."
        error={errorOf('options.args')}
        placeholder="--retries=2 --workers=1"
        value={draft.args}
        onChange={(args) => onChange({ args })}
      />
    </>
  );
}
