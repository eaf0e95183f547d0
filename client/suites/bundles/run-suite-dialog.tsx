import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useId, useState } from 'react';
import { fieldErrors } from '#client/query/api-error.ts';
import { Refusal } from '#client/query/refusal.tsx';
import { useStartRun } from '#client/runs/actions/use-start-run.ts';
import { RunCommit } from '#client/runs/status/run-commit.tsx';
import { Button } from '#client/ui/button.tsx';
import { Dialog } from '#client/ui/dialog.tsx';
import { Field } from '#client/ui/field.tsx';
import { TextField } from '#client/ui/text-field.tsx';
import type { SuiteGit } from '#shared/suite-git.ts';
import type { SuiteBundle } from '#shared/suites.ts';
import { emptyRunDraft, toMs, toRunInput } from './run-draft.ts';
import { RunFields } from './run-fields.tsx';

/** Asks what of a suite to run, and how, and leads to the run. With `git`, the run may fetch its bundle instead. */
export default function RunSuiteDialog({
  suite,
  bundle,
  git = null,
  onClose,
}: {
  suite: { id: string; name: string };
  /** Null: there is none yet. */
  bundle: SuiteBundle | null;
  git?: SuiteGit | null;
  onClose: () => void;
}) {
  const form = useId();
  const navigate = useNavigate();
  const { suite: start } = useStartRun();
  const [draft, setDraft] = useState(emptyRunDraft);
  const [minutes, setMinutes] = useState('');
  const [fromGit, setFromGit] = useState(bundle === null);
  const [branch, setBranch] = useState(git?.branch ?? '');
  const errors = fieldErrors(start.error);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    start.mutate(
      {
        suiteId: suite.id,
        ...(fromGit ? { fromGit, branch: branch.trim() } : bundle && { bundleId: bundle.id }),
        ...toRunInput(draft),
        ...(minutes.trim() !== '' && { timeoutMs: toMs(minutes) }),
      },
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
      {!git && bundle && <RunCommit run={bundle} />}
      <form id={form} className="grid gap-3 text-ink sm:grid-cols-2" onSubmit={submit}>
        {git && (
          <Field label="Bundle" hint={!fromGit && bundle && <RunCommit run={bundle} />}>
            {(control) => (
              <select
                {...control}
                value={fromGit ? 'git' : 'newest'}
                onChange={(event) => setFromGit(event.target.value === 'git')}
                className="control"
              >
                {bundle && <option value="newest">The newest</option>}
                <option value="git">From git</option>
              </select>
            )}
          </Field>
        )}
        {fromGit && (
          <TextField
            label="Branch"
            hint="The run fetches its newest commit."
            error={errors['branch']}
            spellCheck={false}
            autoComplete="off"
            value={branch}
            onChange={setBranch}
          />
        )}
        <RunFields draft={draft} errors={errors} onChange={(change) => setDraft((now) => ({ ...now, ...change }))} />
        <TextField
          label="Time limit"
          hint="Minutes. Empty: 60."
          error={errors['timeoutMs']}
          inputMode="decimal"
          value={minutes}
          onChange={setMinutes}
        />
        <div className="not-has-[[role=alert]]:hidden sm:col-span-2">
          <Refusal error={start.error} />
        </div>
      </form>
    </Dialog>
  );
}
