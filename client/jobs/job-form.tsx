import { lazy, Suspense } from 'react';
import { Skeleton } from '#client/ui/states.tsx';
import { TextField } from '#client/ui/text-field.tsx';
import type { JobDraft, JobFieldsProps } from './job-draft.ts';
import { ScheduleFields } from './schedule-fields.tsx';

const TestPicker = lazy(() => import('./test-picker.tsx'));
const SuiteFields = lazy(() => import('./suite-fields.tsx'));

const kinds = [
  { runs: 'tests', text: 'Tests' },
  { runs: 'suite', text: 'Suite' },
] as const;

/** Chooses whether a job runs tests or a suite. */
function KindOfJob({ value, onChange }: { value: JobDraft['runs']; onChange: (runs: JobDraft['runs']) => void }) {
  return (
    <fieldset>
      <legend className="mb-1.5 text-sm font-medium">Runs</legend>
      <div className="flex gap-5">
        {kinds.map(({ runs, text }) => (
          <label key={runs} className="flex min-h-8 items-center gap-2 text-sm has-disabled:text-muted">
            <input
              type="radio"
              name="runs"
              checked={value === runs}
              onChange={() => onChange(runs)}
              className="size-4 accent-accent"
            />
            {text}
          </label>
        ))}
      </div>
    </fieldset>
  );
}

/** The fields of a job. */
export function JobForm({ jobId, draft, errors, onChange }: JobFieldsProps) {
  return (
    <div className="space-y-6">
      <TextField
        label="Name"
        error={errors['name']}
        value={draft.name}
        maxLength={200}
        placeholder="Nightly checks"
        onChange={(name) => onChange({ name })}
      />
      <KindOfJob value={draft.runs} onChange={(runs) => onChange({ runs })} />
      <Suspense fallback={<Skeleton label={`Loading the ${draft.runs}`} className="card min-h-72" />}>
        {draft.runs === 'tests' ? (
          <TestPicker chosen={draft.tests} error={errors['testIds']} onChange={(tests) => onChange({ tests })} />
        ) : (
          <SuiteFields
            draft={draft.suite}
            errors={errors}
            onChange={(change) => onChange({ suite: { ...draft.suite, ...change } })}
          />
        )}
      </Suspense>
      <ScheduleFields jobId={jobId} draft={draft} errors={errors} onChange={onChange} />
      <TextField
        label="Timeout in minutes"
        hint="A run that takes longer is stopped. Empty: 60 minutes."
        error={errors['timeoutMs']}
        type="number"
        min="0.05"
        max="1440"
        step="any"
        inputMode="decimal"
        placeholder="60"
        value={draft.timeoutMinutes}
        onChange={(timeoutMinutes) => onChange({ timeoutMinutes })}
        className="max-w-40"
      />
    </div>
  );
}
