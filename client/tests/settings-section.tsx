import { Link } from '@tanstack/react-router';
import { ChevronDown } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { api } from '#client/query/trpc.ts';
import { plural } from '#client/ui/format.ts';
import { Section } from '#client/ui/page.tsx';
import { Skeleton } from '#client/ui/states.tsx';
import { type SettingsDraft, toSettings } from './settings-draft.ts';
import { listSettings } from '#shared/test-settings.ts';

const SettingsFields = lazy(() => import('./settings-fields.tsx'));
const Baselines = lazy(() => import('./baselines.tsx'));

/** Settings and baselines of a test, folded until they are asked for. */
export default function SettingsSection({
  testId,
  draft,
  errors,
  readOnly,
  onChange,
}: {
  testId: string;
  draft: SettingsDraft;
  errors: Record<string, string>;
  readOnly: boolean;
  onChange: (draft: SettingsDraft) => void;
}) {
  const [wanted, setWanted] = useState(false);
  const isWrong = Object.keys(errors).some((field) => field.startsWith('settings'));
  const isOpen = wanted || isWrong;
  const defaults = api.projects.settings.useQuery(undefined, { enabled: isOpen });
  const count = Object.keys(listSettings(toSettings(draft))).length;
  return (
    <Section
      title="Settings"
      actions={
        <>
          <span className="text-sm text-muted">
            {count === 0 ? 'Those of the project' : `${plural(count, 'setting')} of its own`}
          </span>
          <button
            type="button"
            aria-expanded={isOpen}
            onClick={() => setWanted(!isOpen)}
            className="inline-flex min-h-8 items-center gap-1 rounded-md px-2 text-sm text-muted hover:bg-hover hover:text-ink"
          >
            {isOpen ? 'Hide' : 'Show'} settings
            <ChevronDown aria-hidden className={`size-4 ${isOpen ? 'rotate-180' : ''}`} />
          </button>
        </>
      }
    >
      {isOpen && (
        <div className="space-y-6 p-4">
          <Suspense fallback={<Skeleton label="Loading the settings" rows={4} />}>
            <fieldset disabled={readOnly}>
              <SettingsFields
                draft={draft}
                errors={errors}
                {...(defaults.data && { defaults: defaults.data.settings })}
                onChange={onChange}
              />
            </fieldset>
            <p className="text-sm text-muted">
              Empty fields have{' '}
              <Link to="/settings/tests" className="link">
                the defaults of the project
              </Link>
              .
            </p>
            <Baselines testId={testId} readOnly={readOnly} />
          </Suspense>
        </div>
      )}
    </Section>
  );
}
