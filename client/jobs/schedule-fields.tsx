import { keepPreviousData } from '@tanstack/react-query';
import { errorText } from '#client/query/api-error.ts';
import { api } from '#client/query/trpc.ts';
import type { CatchUpRule, OverlapRule } from '#shared/schedule-rules.ts';
import { Field } from '#client/ui/field.tsx';
import { formatRelative, formatTime } from '#client/ui/format.ts';
import { TextField } from '#client/ui/text-field.tsx';
import { useDebounced } from '#client/ui/use-debounced.ts';
import { useNow } from '#client/ui/use-now.ts';
import { browserTimezone, type JobDraft, type JobFieldsProps } from './job-draft.ts';

const presets = [
  { text: 'Every hour', schedule: '0 * * * *' },
  { text: 'Daily at 7:00', schedule: '0 7 * * *' },
  { text: 'Weekdays at 7:00', schedule: '0 7 * * 1-5' },
  { text: 'Mondays at 7:00', schedule: '0 7 * * 1' },
];

/** The schedule of a job, with a preview in words and dates. */
export function ScheduleFields({ jobId, draft, errors, onChange }: JobFieldsProps) {
  const preview = usePreview(jobId, draft);
  return (
    <fieldset className="space-y-4">
      <legend className="mb-3 text-base font-semibold">Schedule</legend>
      <div className="grid gap-4 sm:grid-cols-2">
        <TextField
          label="Cron expression"
          error={preview.problem === undefined ? errors['schedule'] : (preview.problem ?? undefined)}
          value={draft.schedule}
          maxLength={100}
          placeholder="Empty: by hand only"
          spellCheck={false}
          autoComplete="off"
          onChange={(schedule) => onChange({ schedule })}
          className="font-mono"
        />
        <Field label="Time zone" error={errors['timezone']}>
          {(control) => (
            <select
              {...control}
              value={draft.timezone}
              onChange={(event) => onChange({ timezone: event.target.value })}
              className="control"
            >
              {zones(draft.timezone).map((zone) => (
                <option key={zone} value={zone}>
                  {zone.replaceAll('_', ' ')}
                </option>
              ))}
            </select>
          )}
        </Field>
      </div>
      <div className="flex flex-wrap gap-2 group-disabled/form:hidden">
        {presets.map(({ text, schedule }) => (
          <button
            key={schedule}
            type="button"
            aria-pressed={draft.schedule.trim() === schedule}
            onClick={() => onChange({ schedule })}
            className="min-h-8 rounded-full border border-line-strong px-3 text-sm hover:bg-hover aria-pressed:border-accent aria-pressed:text-accent"
          >
            {text}
          </button>
        ))}
      </div>
      {preview.problem == null && <Preview draft={draft} query={preview.query} />}
      <label className="flex min-h-8 items-center gap-2.5 text-sm has-disabled:text-muted">
        <input
          type="checkbox"
          checked={draft.enabled}
          disabled={draft.schedule.trim() === ''}
          onChange={(event) => onChange({ enabled: event.target.checked })}
          className="size-4 accent-accent"
        />
        Start by itself on this schedule
      </label>
      {draft.schedule.trim() !== '' && <RuleFields draft={draft} onChange={onChange} />}
    </fieldset>
  );
}

const overlapTexts: Record<OverlapRule, string> = {
  skip: 'Skip the start',
  queue: 'Queue another run',
  'cancel-running': 'Cancel that run and start',
};

const catchUpTexts: Record<CatchUpRule, string> = {
  none: 'Make up for none',
  last: 'Make up for the last one',
  all: 'Make up for all',
};

/** What happens to a start that cannot happen as planned. */
function RuleFields({ draft, onChange }: Pick<JobFieldsProps, 'draft' | 'onChange'>) {
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <Choice
        label="If the last scheduled run is not over"
        texts={overlapTexts}
        value={draft.overlap}
        onChange={(overlap) => onChange({ overlap })}
      />
      <Choice
        label="Starts missed while Runlight was not running"
        texts={catchUpTexts}
        value={draft.catchUp}
        onChange={(catchUp) => onChange({ catchUp })}
      />
    </div>
  );
}

function Choice<T extends string>({
  label,
  texts,
  value,
  onChange,
}: {
  label: string;
  texts: Record<T, string>;
  value: T;
  onChange: (value: T) => void;
}) {
  return (
    <Field label={label}>
      {(control) => (
        <select {...control} value={value} onChange={(event) => onChange(event.target.value as T)} className="control">
          {Object.entries<string>(texts).map(([option, text]) => (
            <option key={option} value={option}>
              {text}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

/** The schedule as the server reads it. `problem`: what is wrong with it; null: nothing; undefined: not known yet. */
function usePreview(jobId: string | undefined, { schedule: typed, timezone }: JobDraft) {
  const schedule = useDebounced(typed.trim(), 250);
  const query = api.jobs.previewSchedule.useQuery(
    { schedule, timezone, ...(jobId && { jobId }) },
    { enabled: schedule !== '', placeholderData: keepPreviousData },
  );
  const isCurrent = schedule !== '' && schedule === typed.trim() && !query.isPlaceholderData;
  return { query, problem: isCurrent ? query.data?.problem : undefined };
}

/** The schedule in words and its next times. */
function Preview({ draft, query }: { draft: JobDraft; query: ReturnType<typeof usePreview>['query'] }) {
  const now = useNow(30_000);
  const { timezone, enabled } = draft;
  if (draft.schedule.trim() === '') return <Hint>The job runs only when it is started by hand.</Hint>;
  if (query.error) return <Hint>{errorText(query.error)}</Hint>;
  if (!query.data) return <Hint>Reading the schedule…</Hint>;
  const { problem, text, nextTimes } = query.data;
  if (problem !== null) return null;
  if (!query.data.isResolved) return <Hint>{text}</Hint>;
  const [next, ...later] = nextTimes;
  // Several within a minute read the same.
  const times = [...new Set(later.map((time) => formatTime(time, timezone)))];
  return (
    <div role="status" aria-label="What the schedule means" className="rounded-lg bg-sunken px-3.5 py-2.5 text-sm">
      <p className="font-medium">
        {text} {timezone.replaceAll('_', ' ')}
        {!enabled && ', paused'}
      </p>
      {next ? (
        <p className="mt-1 text-muted">
          Next: {formatTime(next, timezone)} <span className="whitespace-nowrap">({formatRelative(next, now)})</span>
        </p>
      ) : (
        <p className="mt-1 text-muted">The schedule has no future time.</p>
      )}
      {times.length > 0 && (
        <ul className="mt-0.5 text-muted">
          {times.map((time) => (
            <li key={time}>then {time}</li>
          ))}
        </ul>
      )}
    </div>
  );
}

function Hint({ children }: { children: string }) {
  return (
    <p role="status" aria-label="What the schedule means" className="text-sm text-muted first-letter:uppercase">
      {children}
    </p>
  );
}

/** Every time zone that the browser knows, after the browser's own, UTC and the current one. */
function zones(current: string): string[] {
  return [...new Set([browserTimezone(), 'UTC', current, ...Intl.supportedValuesOf('timeZone')])];
}
