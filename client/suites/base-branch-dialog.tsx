import { type FormEvent, useId, useState } from 'react';
import { fieldErrors } from '#client/query/api-error.ts';
import { Refusal } from '#client/query/refusal.tsx';
import { api } from '#client/query/trpc.ts';
import { Button } from '#client/ui/button.tsx';
import { Dialog } from '#client/ui/dialog.tsx';
import { TextField } from '#client/ui/text-field.tsx';
import type { SuiteWithBase } from './base-branch.tsx';

/** Edits the base branch of a suite; an empty one is the usual one. */
export default function BaseBranchDialog({ suite, onClose }: { suite: SuiteWithBase; onClose: () => void }) {
  const form = useId();
  const known = useId();
  const utils = api.useUtils();
  const [branch, setBranch] = useState(suite.baseBranch ?? '');
  const { data } = api.suites.branches.useQuery({ suiteId: suite.id });
  const set = api.suites.setBaseBranch.useMutation({
    onSuccess: () => {
      void utils.suites.byId.invalidate({ suiteId: suite.id });
      void utils.runs.compare.invalidate();
      void utils.runs.firstFailures.invalidate();
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    set.mutate({ suiteId: suite.id, branch: branch.trim() || null });
  };
  return (
    <Dialog
      title={`Base branch of ${suite.name}`}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" form={form} variant="primary" busy={set.isPending}>
            Save
          </Button>
        </>
      }
    >
      <form id={form} className="space-y-4 text-ink" onSubmit={submit}>
        <TextField
          label="Branch"
          hint="Empty: main, or master where there is no main."
          error={fieldErrors(set.error)['branch']}
          list={known}
          spellCheck={false}
          autoComplete="off"
          value={branch}
          onChange={setBranch}
        />
        <datalist id={known}>
          {data?.items.map((it) => (
            <option key={it.branch} value={it.branch} />
          ))}
        </datalist>
        <div className="not-has-[[role=alert]]:hidden">
          <Refusal error={set.error} />
        </div>
      </form>
    </Dialog>
  );
}
