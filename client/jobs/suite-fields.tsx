import { Loaded } from '#client/query/loaded.tsx';
import { api } from '#client/query/trpc.ts';
import { shortSha } from '#client/runs/status/short-sha.ts';
import { RunFields } from '#client/suites/bundles/run-fields.tsx';
import { Field } from '#client/ui/field.tsx';
import { formatTime } from '#client/ui/format.ts';
import { TextField } from '#client/ui/text-field.tsx';
import type { SuiteGit } from '#shared/suite-git.ts';
import type { SuiteBundle } from '#shared/suites.ts';
import type { SuiteDraft } from './job-draft.ts';

interface SuiteFieldsProps {
  draft: SuiteDraft;
  /** The server's complaints by field. */
  errors: Record<string, string>;
  onChange: (change: Partial<SuiteDraft>) => void;
}

/** Suites and bundles to choose from; a job keeps an older one that it has. */
const most = 200;

/** The suite of a job: which, which bundle of it, and what of it is run. */
export default function SuiteFields({ draft, errors, onChange }: SuiteFieldsProps) {
  const query = api.suites.list.useQuery({ limit: most });
  const { suiteId } = draft;
  const isListed = query.data?.items.some(({ id }) => id === suiteId) ?? true;
  const older = api.suites.byId.useQuery({ suiteId }, { enabled: suiteId !== '' && !isListed });
  return (
    <fieldset>
      <legend className="mb-3 text-base font-semibold">Suite</legend>
      <Loaded query={query} what="suites">
        {({ items }) => {
          const suites = older.data ? [older.data, ...items] : items;
          if (suites.length === 0) return <NoSuites />;
          return (
            <div className="grid items-start gap-4 sm:grid-cols-2">
              <Field
                label="Suite"
                error={errors['suite.suiteId'] && (suiteId === '' ? 'must be chosen' : errors['suite.suiteId'])}
              >
                {(control) => (
                  <select
                    {...control}
                    value={suiteId}
                    onChange={(event) => onChange({ suiteId: event.target.value, bundleId: '' })}
                    className="control"
                  >
                    {suiteId === '' && <option value="">Choose a suite</option>}
                    {suites.map(({ id, name, isRunnable, git }) => (
                      <option key={id} value={id}>
                        {isRunnable || git ? name : `${name} (nothing pushed yet)`}
                      </option>
                    ))}
                  </select>
                )}
              </Field>
              <BundleFields
                draft={draft}
                git={suites.find(({ id }) => id === suiteId)?.git ?? null}
                errors={errors}
                onChange={onChange}
              />
              <RunFields draft={draft} errors={errors} prefix="suite." onChange={onChange} />
            </div>
          );
        }}
      </Loaded>
    </fieldset>
  );
}

function NoSuites() {
  return (
    <p className="card px-4 py-6 text-sm text-muted">
      There is no suite yet. Push one from its folder: <code className="font-mono">npx runlight push</code>
    </p>
  );
}

const bundleTexts: Record<SuiteDraft['bundle'], string> = {
  newest: 'The newest, of all branches',
  branch: 'The newest of a branch',
  pinned: 'Always the same one',
  git: 'From git, with each start',
};

/** Which bundle a start runs. */
function BundleFields({ draft, git, errors, onChange }: SuiteFieldsProps & { git: SuiteGit | null }) {
  const { suiteId, bundle, branch, bundleId } = draft;
  const { data, error } = api.suites.bundles.useQuery({ suiteId, limit: most }, { enabled: suiteId !== '' });
  const bundles = data?.items ?? [];
  const branches = [...new Set(bundles.flatMap((it) => it.branch ?? []))];
  return (
    <>
      <Field label="Bundle" error={errors['suite.fromGit']} hint="What was pushed of the suite, or what is fetched.">
        {(control) => (
          <select
            {...control}
            value={bundle}
            onChange={(event) => onChange({ bundle: event.target.value as SuiteDraft['bundle'] })}
            className="control"
          >
            {Object.entries(bundleTexts).map(([value, text]) => (
              <option key={value} value={value} disabled={value === 'git' && !git && bundle !== 'git'}>
                {text}
              </option>
            ))}
          </select>
        )}
      </Field>
      {(bundle === 'branch' || bundle === 'git') && (
        <>
          <TextField
            label="Branch"
            hint={bundle === 'git' && git && `Of ${git.url}. Empty: ${git.branch}.`}
            error={errors['suite.branch']}
            list="branches-of-suite"
            placeholder={bundle === 'git' ? git?.branch : 'main'}
            spellCheck={false}
            autoComplete="off"
            value={branch}
            onChange={(value) => onChange({ branch: value })}
          />
          <datalist id="branches-of-suite">
            {branches.map((name) => (
              <option key={name} value={name} />
            ))}
          </datalist>
        </>
      )}
      {bundle === 'pinned' && (
        <Field
          label="Pinned bundle"
          error={
            error
              ? `The bundles cannot be loaded: ${error.message}`
              : errors['suite.bundleId'] && (bundleId === '' ? 'must be chosen' : errors['suite.bundleId'])
          }
          hint="It is kept for as long as the job has it."
        >
          {(control) => (
            <select
              {...control}
              value={bundleId}
              onChange={(event) => onChange({ bundleId: event.target.value })}
              className="control"
            >
              {bundleId === '' && <option value="">Choose a bundle</option>}
              {bundleId !== '' && !bundles.some(({ id }) => id === bundleId) && (
                <option value={bundleId}>The one that it has</option>
              )}
              {bundles.map((it) => (
                <option key={it.id} value={it.id}>
                  {bundleText(it)}
                </option>
              ))}
            </select>
          )}
        </Field>
      )}
    </>
  );
}

function bundleText({ branch, commitSha, commitMessage, hash, pushedAt }: SuiteBundle): string {
  const commit = commitSha === null ? hash.slice(0, 12) : shortSha(commitSha);
  return [branch, commit, commitMessage, formatTime(pushedAt)].filter(Boolean).join(' · ');
}
