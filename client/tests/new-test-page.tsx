import { getRouteApi, Link } from '@tanstack/react-router';
import { Play, Save } from 'lucide-react';
import { type ReactNode, useRef, useState } from 'react';
import { useMayEdit } from '#client/session/use-may-edit.ts';
import { ViewerNotice } from '#client/session/viewer-notice.tsx';
import { useStartRun } from '#client/runs/actions/use-start-run.ts';
import { Refusal } from '#client/query/refusal.tsx';
import { fieldErrors } from '#client/query/api-error.ts';
import { api } from '#client/query/trpc.ts';
import { Button } from '#client/ui/button.tsx';
import { PageHeader } from '#client/ui/page.tsx';
import { UnsavedGuard } from '#client/ui/unsaved-guard.tsx';
import { useHotkey } from '#client/ui/use-hotkey.ts';
import { type TemplateName, templates } from './templates.ts';
import { TestEditor } from './test-editor.tsx';
import type { TypeWarnings as Warnings } from './type-check/type-check.ts';
import { TypeWarnings } from './type-warnings.tsx';

const route = getRouteApi('/tests/new');
const names = Object.keys(templates) as TemplateName[];

export function NewTestPage(): ReactNode {
  const { template = 'browser' }: { template?: TemplateName | undefined } = route.useSearch();
  const navigate = route.useNavigate();
  const utils = api.useUtils();
  const [name, setName] = useState('');
  /** The edited script; null: the template's. */
  const [written, setWritten] = useState<string | null>(null);
  const [warnings, setWarnings] = useState<Warnings>();
  const draft = { name, script: written ?? templates[template].script };
  const mayEdit = useMayEdit();
  const saved = useRef(false);
  const create = api.tests.create.useMutation();
  const { test: run } = useStartRun();

  const busy = create.isPending || run.isPending;
  const untouched = names.some((it) => templates[it].script === draft.script);
  const dirty = name !== '' || !untouched;
  const errors = fieldErrors(create.error);

  const save = async (andRun: boolean) => {
    if (busy || !mayEdit) return;
    try {
      const test = await create.mutateAsync(draft);
      saved.current = true;
      void utils.tests.list.invalidate();
      // If the run is refused, a toast says so. The test is saved, and its page offers to run it again.
      const started = andRun ? await run.mutateAsync({ testId: test.id }).catch(() => null) : null;
      await navigate({ to: '/tests/$testId', params: { testId: test.id }, search: { run: started?.runId } });
    } catch {
      // The page shows `create.error`.
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
        <TypeWarnings warnings={warnings} />
        {/* On a phone the buttons wrap to the next line together. */}
        <div className="flex items-center gap-2">
          <Button busy={busy} disabled={!mayEdit} onClick={() => void save(false)}>
            {!busy && <Save aria-hidden className="size-4" />} Save
          </Button>
          <Button variant="primary" busy={busy} disabled={!mayEdit} onClick={() => void save(true)}>
            {!busy && <Play aria-hidden className="size-4" />} Save and run
          </Button>
        </div>
      </PageHeader>
      <div className="space-y-4">
        <ViewerNotice />
        <Refusal error={create.error} />
        <fieldset className="flex flex-wrap items-center gap-x-4 gap-y-2">
          <legend className="float-left text-sm font-medium">Start from</legend>
          {names.map((it) => (
            <label key={it} className="flex min-h-8 items-center gap-2 text-sm has-disabled:text-muted">
              <input
                type="radio"
                name="template"
                checked={template === it}
                // A template never replaces an edited script. Emptying the editor enables the choice again.
                disabled={!untouched && draft.script.trim() !== ''}
                onChange={() => {
                  setWritten(null);
                  void navigate({ to: '.', search: { template: it }, replace: true });
                }}
                className="size-4 accent-accent"
              />
              {templates[it].label}
            </label>
          ))}
        </fieldset>
        <TestEditor
          draft={draft}
          errors={errors}
          onWarnings={setWarnings}
          onChange={(change) => {
            if (change.name !== undefined) setName(change.name);
            if (change.script !== undefined) setWritten(change.script);
          }}
        />
      </div>
      <UnsavedGuard isUnsaved={() => dirty && !saved.current} />
    </div>
  );
}
