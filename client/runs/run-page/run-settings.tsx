import type { Outputs } from '#client/query/trpc.ts';
import { listSettings } from '#shared/test-settings.ts';

/** The settings with which the scripts of a run were executed, as far as they were set. */
export default function RunSettings({ tests }: { tests: Outputs['runs']['byId']['tests'] }) {
  const set = tests
    .map(({ position, name, settings }) => ({ position, name, list: Object.entries(listSettings(settings)) }))
    .filter(({ list }) => list.length > 0);
  if (set.length === 0) return null;
  return (
    <section aria-label="Settings of the run" className="space-y-1.5 text-sm">
      {set.map(({ position, name, list }) => (
        <p key={position} className="flex flex-wrap gap-x-3 gap-y-1">
          {tests.length > 1 && <span className="font-medium">{name}</span>}
          {list.map(([setting, value]) => (
            <span key={setting} className="min-w-0 break-all">
              <code className="font-mono text-xs text-muted">{setting}</code> {value}
            </span>
          ))}
        </p>
      ))}
    </section>
  );
}
