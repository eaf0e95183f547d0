import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useId, useState } from 'react';
import { fieldErrors } from '#client/query/api-error.ts';
import { Refusal } from '#client/query/refusal.tsx';
import { useStartRun } from '#client/runs/actions/use-start-run.ts';
import { RunCommit } from '#client/runs/status/run-commit.tsx';
import { Button } from '#client/ui/button.tsx';
import { Dialog } from '#client/ui/dialog.tsx';
import { TextField } from '#client/ui/text-field.tsx';
import type { SuiteBundle } from '#shared/suites.ts';
import { emptyRunDraft, type RunDraft, toRunInput } from './run-draft.ts';

/** Asks what of a suite to run, and how, and leads to the run. */
export default function RunSuiteDialog({
  suite,
  bundle,
  onClose,
}: {
  suite: { id: string; name: string };
  bundle: SuiteBundle;
  onClose: () => void;
}) {
  const form = useId();
  const navigate = useNavigate();
  const { suite: start } = useStartRun();
  const [draft, setDraft] = useState<RunDraft>(emptyRunDraft);
  const edit = (change: Partial<RunDraft>) => setDraft((now) => ({ ...now, ...change }));
  const errors = fieldErrors(start.error);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    start.mutate(
      { suiteId: suite.id, bundleId: bundle.id, ...toRunInput(draft) },
      { onSuccess: ({ runId }) => void navigate({ to: '/runs/$runId', params: { runId } }) },
    );
  };
  return (
    <Dialog
      title={`Run ${suite.name}`}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Close</Button>
          <Button type="submit" form={form} variant="primary" busy={start.isPending}>
            Run
          </Button>
        </>
      }
    >
      <RunCommit run={bundle} />
      <form id={form} className="grid gap-3 text-ink sm:grid-cols-2" onSubmit={submit}>
        <TextField
          label="Parts"
          hint="Workers run them side by side."
          error={errors['shards']}
          type="number"
          min={1}
          max={64}
          value={draft.shards}
          onChange={(shards) => edit({ shards })}
        />
        <TextField
          label="Time limit"
          hint="Minutes. Empty: 60."
          error={errors['timeoutMs']}
          type="number"
          min={1}
          value={draft.minutes}
          onChange={(minutes) => edit({ minutes })}
        />
        <TextField
          label="Projects"
          hint="Of Playwright’s config, separated by commas. Empty: all."
          error={errors['options']}
          placeholder="chromium, mobile"
          value={draft.projects}
          onChange={(projects) => edit({ projects })}
        />
        <TextField
          label="Titles"
          hint="A regular expression, as --grep."
          placeholder="@smoke"
          value={draft.grep}
          onChange={(grep) => edit({ grep })}
        />
        <TextField
          label="Files"
          hint="As after playwright test, separated by spaces."
          placeholder="tests/checkout"
          value={draft.files}
          onChange={(files) => edit({ files })}
        />
        <TextField
          label="Other options"
          hint="Of playwright test, separated by spaces."
          placeholder="--retries=2 --workers=1"
          value={draft.args}
          onChange={(args) => edit({ args })}
        />
        <div className="not-has-[[role=alert]]:hidden sm:col-span-2">
          <Refusal error={start.error} />
        </div>
      </form>
    </Dialog>
  );
}
