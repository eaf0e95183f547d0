import { type FormEvent, useId, useState } from 'react';
import { fieldErrors } from '#client/query/api-error.ts';
import { Refusal } from '#client/query/refusal.tsx';
import { api } from '#client/query/trpc.ts';
import { Button } from '#client/ui/button.tsx';
import { Dialog } from '#client/ui/dialog.tsx';
import { Field } from '#client/ui/field.tsx';
import { TextField } from '#client/ui/text-field.tsx';
import type { SuiteGit } from '#shared/suite-git.ts';

/** Edits where a suite is in git, or removes that; without a suite, adds one. */
export default function GitSourceDialog({
  suite,
  onAdded,
  onClose,
}: {
  suite?: { id: string; name: string; git: SuiteGit | null };
  onAdded?: (suiteId: string) => void;
  onClose: () => void;
}) {
  const form = useId();
  const utils = api.useUtils();
  const [name, setName] = useState('');
  const [draft, setDraft] = useState(suite?.git ?? { url: '', branch: 'main', path: '', tokenVariable: null });
  const change = (some: Partial<SuiteGit>) => setDraft((now) => ({ ...now, ...some }));
  const saved = () => {
    void utils.suites.invalidate();
    void utils.jobs.invalidate();
    onClose();
  };
  const set = api.suites.setGit.useMutation({ onSuccess: saved });
  const create = api.suites.create.useMutation({
    onSuccess: ({ id }) => {
      saved();
      onAdded?.(id);
    },
  });
  const busy = set.isPending || create.isPending;
  const error = set.error ?? create.error;
  const errors = fieldErrors(error);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (suite) set.mutate({ suiteId: suite.id, git: draft });
    else create.mutate({ name, git: draft });
  };
  return (
    <Dialog
      title={suite ? `Git source of ${suite.name}` : 'Add a suite from git'}
      onClose={onClose}
      actions={
        <>
          {suite?.git && (
            <Button
              variant="ghost"
              className="mr-auto"
              disabled={busy}
              onClick={() => set.mutate({ suiteId: suite.id, git: null })}
            >
              Remove the source
            </Button>
          )}
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" form={form} variant="primary" busy={busy}>
            {suite ? 'Save' : 'Add suite'}
          </Button>
        </>
      }
    >
      <form id={form} className="space-y-4 text-ink" onSubmit={submit}>
        {!suite && <TextField label="Name" error={errors['name']} value={name} onChange={setName} />}
        <TextField
          label="Repository"
          hint="Its address over HTTPS, without a user or a token."
          error={errors['git.url']}
          placeholder="https://git.example.com/shop/e2e.git"
          spellCheck={false}
          autoComplete="off"
          value={draft.url}
          onChange={(url) => change({ url })}
        />
        <div className="grid items-start gap-4 sm:grid-cols-2">
          <TextField
            label="Branch"
            error={errors['git.branch']}
            spellCheck={false}
            autoComplete="off"
            value={draft.branch}
            onChange={(branch) => change({ branch })}
          />
          <TextField
            label="Folder"
            hint="Of the suite’s Playwright config. Empty: the root."
            error={errors['git.path']}
            placeholder="apps/web"
            spellCheck={false}
            autoComplete="off"
            value={draft.path}
            onChange={(path) => change({ path })}
          />
        </div>
        <TokenField
          value={draft.tokenVariable}
          error={errors['git.tokenVariable']}
          onChange={(tokenVariable) => change({ tokenVariable })}
        />
        <div className="not-has-[[role=alert]]:hidden">
          <Refusal error={error} />
        </div>
      </form>
    </Dialog>
  );
}

/** Which secret variable has the token of the repository. */
function TokenField({
  value,
  error,
  onChange,
}: {
  value: string | null;
  error: string | undefined;
  onChange: (name: string | null) => void;
}) {
  const { data } = api.variables.list.useQuery();
  const names = (data?.items ?? []).flatMap(({ name, isSecret }) => (isSecret ? [name] : []));
  const isListed = value === null || names.includes(value);
  return (
    <Field
      label="Token"
      error={error}
      hint="A secret variable of the project with a token that may read the repository. It goes to the server of the repository alone."
    >
      {(control) => (
        <select
          {...control}
          value={value ?? ''}
          onChange={(event) => onChange(event.target.value === '' ? null : event.target.value)}
          className="control"
        >
          <option value="">None: the repository is public</option>
          {!isListed && <option value={value}>{value}</option>}
          {names.map((name) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}
