import { lazy, Suspense } from 'react';
import type { CodeProblem } from '#client/ui/code-editor.tsx';
import { Field } from '#client/ui/field.tsx';
import { modifierKey } from '#client/ui/use-hotkey.ts';

const CodeEditor = lazy(() => import('#client/ui/code-editor.tsx'));

export interface TestDraft {
  name: string;
  script: string;
}

const noProblems: readonly CodeProblem[] = [];

/** Name and script of a test. `errors` are the server's complaints by field. */
export function TestEditor({
  draft,
  errors,
  problems = noProblems,
  onChange,
}: {
  draft: TestDraft;
  errors: Record<string, string>;
  problems?: readonly CodeProblem[];
  onChange: (change: Partial<TestDraft>) => void;
}) {
  return (
    <div className="space-y-4">
      <Field label="Name" error={errors['name']}>
        {(control) => (
          <input
            {...control}
            value={draft.name}
            maxLength={200}
            placeholder="What the test makes sure of"
            onChange={(event) => onChange({ name: event.target.value })}
            className="control"
          />
        )}
      </Field>
      <div>
        <div className="mb-1.5 flex items-baseline justify-between gap-3 text-sm">
          <span className="font-medium">Script</span>
          <span className="hidden text-muted sm:inline">
            <kbd className="font-mono text-xs">{modifierKey}S</kbd> saves,{' '}
            <kbd className="font-mono text-xs">{modifierKey}Enter</kbd> runs
          </span>
        </div>
        <div className="card h-[22rem] overflow-hidden lg:h-[calc(100dvh-21rem)] lg:min-h-[28rem]">
          <Suspense
            fallback={
              <p role="status" className="p-4 text-sm text-muted">
                Loading the editor…
              </p>
            }
          >
            <CodeEditor
              label="Script"
              value={draft.script}
              problems={problems}
              onChange={(script) => onChange({ script })}
            />
          </Suspense>
        </div>
        {errors['script'] && (
          <p role="alert" className="mt-1.5 text-sm text-bad">
            Script {errors['script']}
          </p>
        )}
      </div>
    </div>
  );
}
