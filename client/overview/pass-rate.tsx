import { formatPercent, plural } from '#client/ui/format.ts';
import { Section } from '#client/ui/page.tsx';
import type { Overview } from './overview-page.tsx';

/** How many runs of each day passed. */
export function PassRate({ days, passRate }: Pick<Overview, 'days' | 'passRate'>) {
  const passed = days.reduce((sum, day) => sum + day.passed, 0);
  const runs = days.reduce((sum, day) => sum + day.passed + day.failed, 0);
  const most = Math.max(1, ...days.map((day) => day.passed + day.failed));
  const percentOf = (count: number) => `${(100 * count) / most}%`;
  return (
    <Section title="Pass rate of 14 days">
      <div className="p-4">
        <p>
          <span className="text-xl font-semibold tabular-nums">
            {passRate === null ? '–' : formatPercent(passRate)}
          </span>
          <span className="ml-2 text-sm text-muted tabular-nums">
            {runs === 0 ? 'No runs yet' : `${passed.toLocaleString()} of ${plural(runs, 'run')} passed`}
          </span>
        </p>
        <ol className="mt-3 flex h-24 items-end gap-1" aria-label="Runs by day">
          {days.map(({ day, passed, failed, flaky }) => (
            <li
              key={day}
              title={textOf({ day, passed, failed, flaky })}
              className="flex h-full min-w-0 flex-1 flex-col justify-end gap-px rounded-xs hover:bg-hover"
            >
              <span className="sr-only">{textOf({ day, passed, failed, flaky })}</span>
              {failed > 0 && <span className="min-h-1 rounded-xs bg-bad" style={{ height: percentOf(failed) }} />}
              {passed > 0 && <span className="min-h-1 rounded-xs bg-good" style={{ height: percentOf(passed) }} />}
              {passed + failed === 0 && <span className="h-0.5 rounded-full bg-line" />}
            </li>
          ))}
        </ol>
        <p aria-hidden className="mt-1.5 flex justify-between text-xs text-muted">
          <span>{days[0] && shortDay(days[0].day)}</span>
          <span>Today</span>
        </p>
      </div>
    </Section>
  );
}

function textOf({ day, passed, failed, flaky }: Overview['days'][number]): string {
  const runs = passed + failed;
  if (runs === 0) return `${shortDay(day)}: no runs`;
  const flakes = flaky === 0 ? '' : `, ${plural(flaky, 'flaky case')}`;
  return `${shortDay(day)}: ${passed} of ${plural(runs, 'run')} passed${flakes}`;
}

/** Days are those of UTC. */
const shortDay = (day: string) =>
  new Date(day).toLocaleDateString(undefined, { day: 'numeric', month: 'short', timeZone: 'UTC' });
