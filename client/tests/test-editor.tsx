import { lazy, Suspense } from 'react';
import type { CodeProblem } from '#client/ui/code/code-editor.tsx';
import { plural } from '#client/ui/format.ts';
import { TextField } from '#client/ui/text-field.tsx';
import type { TypeWarnings } from './type-check/type-check.ts';
import { modifierKey } from '#client/ui/use-hotkey.ts';

const ScriptEditor = lazy(() => import('./script-editor.tsx'));

export interface ScriptDraft {
  name: string;
  script: string;
}

/** What a run found in a script, by line numbers of `script`. */
export interface ScriptMarks {
  script: string;
  problems: readonly CodeProblem[];
  activeLine: number | null;
}

const noMarks: ScriptMarks = { script: '', problems: [], activeLine: null };

/** The fields of a test. `errors` are the server's complaints by field. */
export function TestEditor({
  draft,
  errors,
  marks = noMarks,
  readOnly = false,
  onChange,
  onRunLine,
  onWarnings,
}: {
  draft: ScriptDraft;
  errors: Record<string, string>;
  marks?: ScriptMarks;
  readOnly?: boolean;
  onChange: (change: Partial<ScriptDraft>) => void;
  /** Runs the cases that begin in a line, 1-based. Without it, nothing can be run. */
  onRunLine?: (line: number) => void;
  /** Called after each check of the script's types. */
  onWarnings: (warnings: TypeWarnings) => void;
}) {
  const { problems } = marks;
  return (
    <div className="space-y-4">
      <TextField
        label="Name"
        error={errors['name']}
        value={draft.name}
        readOnly={readOnly}
        maxLength={200}
        placeholder="What the test checks"
        onChange={(name) => onChange({ name })}
      />
      <div>
        <div className="mb-1.5 flex items-baseline justify-between gap-3 text-sm">
          <span className="font-medium">Script</span>
          <span role="status" className="min-w-0 truncate text-bad">
            {problems.length > 0 &&
              `${plural(problems.length, 'problem')}: ${problems.length === 1 ? 'line' : 'lines'} ${problems.map(({ line }) => line).join(', ')}`}
          </span>
          {!readOnly && (
            <span className="ml-auto hidden text-muted sm:inline">
              <kbd className="font-mono text-xs">{modifierKey}S</kbd> saves,{' '}
              <kbd className="font-mono text-xs">{modifierKey}Enter</kbd> runs
            </span>
          )}
        </div>
        <div
          data-invalid={errors['script'] ? true : undefined}
          className="card h-[22rem] overflow-hidden lg:h-[calc(100dvh-21rem)] lg:min-h-[28rem]"
        >
          <Suspense
            fallback={
              <p role="status" className="p-4 text-sm text-muted">
                Loading the editor…
              </p>
            }
          >
            <ScriptEditor
              value={draft.script}
              problems={problems}
              activeLine={marks.activeLine}
              linesOf={marks.script}
              readOnly={readOnly}
              onRunLine={onRunLine}
              onWarnings={onWarnings}
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
