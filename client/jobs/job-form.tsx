import { lazy, Suspense } from 'react';
import { Skeleton } from '#client/ui/states.tsx';
import { TextField } from '#client/ui/text-field.tsx';
import type { JobFieldsProps } from './job-draft.ts';
import { ScheduleFields } from './schedule-fields.tsx';

const TestPicker = lazy(() => import('./test-picker.tsx'));

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
      <Suspense fallback={<Skeleton label="Loading the tests" className="card min-h-72" />}>
        <TestPicker chosen={draft.tests} error={errors['testIds']} onChange={(tests) => onChange({ tests })} />
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
