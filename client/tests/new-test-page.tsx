import { Link, useNavigate } from '@tanstack/react-router';
import { Play, Save } from 'lucide-react';
import { useRef, useState } from 'react';
import { useStartRun } from '#client/runs/use-start-run.ts';
import { api, errorText, fieldErrors } from '#client/trpc.ts';
import { Button } from '#client/ui/button.tsx';
import { PageHeader } from '#client/ui/page.tsx';
import { Alert } from '#client/ui/states.tsx';
import { UnsavedGuard } from '#client/ui/unsaved-guard.tsx';
import { useHotkey } from '#client/ui/use-hotkey.ts';
import { scriptTemplate } from './template.ts';
import { TestEditor, type TestDraft } from './test-editor.tsx';

const blank: TestDraft = { name: '', script: scriptTemplate };

export function NewTestPage() {
  const navigate = useNavigate();
  const utils = api.useUtils();
  const [draft, setDraft] = useState(blank);
  const saved = useRef(false);
  const create = api.tests.create.useMutation();
  const { test: run } = useStartRun();

  const busy = create.isPending || run.isPending;
  const dirty = draft.name !== blank.name || draft.script !== blank.script;
  const errors = fieldErrors(create.error);

  const save = async (andRun: boolean) => {
    if (busy) return;
    try {
      const test = await create.mutateAsync(draft);
      saved.current = true;
      void utils.tests.list.invalidate();
      // A run that is refused has told so itself; the test is saved and its page is the place to try again.
      const started = andRun ? await run.mutateAsync({ testId: test.id }).catch(() => null) : null;
      await navigate({ to: '/tests/$testId', params: { testId: test.id }, search: { run: started?.runId } });
    } catch {
      // `create.error` is on the page.
    }
  };
  useHotkey('s', () => void save(false));
  useHotkey('Enter', () => void save(true));

  return (
    <div className="mx-auto max-w-4xl">
      <PageHeader
        title="New test"
        above={
          <Link to="/tests" className="link">
            Tests
          </Link>
        }
      >
        <Button busy={busy} onClick={() => void save(false)}>
          {!busy && <Save aria-hidden className="size-4" />} Save
        </Button>
        <Button variant="primary" busy={busy} onClick={() => void save(true)}>
          {!busy && <Play aria-hidden className="size-4" />} Save and run
        </Button>
      </PageHeader>
      <div className="space-y-4">
        {create.error && Object.keys(errors).length === 0 && <Alert>{errorText(create.error)}</Alert>}
        <TestEditor draft={draft} errors={errors} onChange={(change) => setDraft((old) => ({ ...old, ...change }))} />
      </div>
      <UnsavedGuard unsaved={() => dirty && !saved.current} />
    </div>
  );
}
