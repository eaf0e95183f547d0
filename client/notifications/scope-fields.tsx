import { Loaded, type Query } from '#client/query/loaded.tsx';
import { api } from '#client/query/trpc.ts';
import { Field } from '#client/ui/field.tsx';
import { TextField } from '#client/ui/text-field.tsx';
import type { RuleScope } from '#shared/notifications.ts';
import type { RuleDraft } from './rule-draft.ts';

const scopes: Record<RuleScope['kind'], string> = {
  all: 'All runs of the project',
  suite: 'Runs of a suite',
  job: 'Runs and starts of a job',
  test: 'Runs of a test',
  branch: 'Runs of a branch',
};

/** Tests, jobs or suites that the list offers. */
const limit = 200;

interface Props {
  draft: RuleDraft;
  edit: (change: Partial<RuleDraft>) => void;
  errors: Record<string, string>;
}

/** The runs that the rule applies to. */
export function ScopeFields({ draft, edit, errors }: Props) {
  return (
    <>
      <Field label="Applies to" error={errors['scope']}>
        {(control) => (
          <select
            {...control}
            className="control"
            value={draft.scopeKind}
            onChange={(event) => edit({ scopeKind: event.target.value as RuleScope['kind'], scopeId: '' })}
          >
            {Object.entries(scopes).map(([kind, label]) => (
              <option key={kind} value={kind}>
                {label}
              </option>
            ))}
          </select>
        )}
      </Field>
      {draft.scopeKind === 'branch' && (
        <TextField
          label="Branch"
          error={errors['scope.branch']}
          hint="A * stands for any text."
          required
          placeholder="release/*"
          value={draft.branch}
          onChange={(branch) => edit({ branch })}
        />
      )}
      {draft.scopeKind === 'test' && <ChooseTest draft={draft} edit={edit} errors={errors} />}
      {draft.scopeKind === 'job' && <ChooseJob draft={draft} edit={edit} errors={errors} />}
      {draft.scopeKind === 'suite' && <ChooseSuite draft={draft} edit={edit} errors={errors} />}
    </>
  );
}

const ChooseTest = (props: Props) => (
  <Choose {...props} label="Test" error={props.errors['scope.testId']} query={api.tests.list.useQuery({ limit })} />
);

const ChooseJob = (props: Props) => (
  <Choose {...props} label="Job" error={props.errors['scope.jobId']} query={api.jobs.list.useQuery({ limit })} />
);

const ChooseSuite = (props: Props) => (
  <Choose {...props} label="Suite" error={props.errors['scope.suiteId']} query={api.suites.list.useQuery({ limit })} />
);

function Choose({
  label,
  draft,
  edit,
  error,
  query,
}: Omit<Props, 'errors'> & {
  label: string;
  error: string | undefined;
  query: Query<{ items: readonly { id: string; name: string }[] }>;
}) {
  return (
    <Loaded query={query} what={`${label.toLowerCase()}s`} rows={1}>
      {({ items }) => (
        <Field label={label} error={error}>
          {(control) => (
            <select
              {...control}
              required
              className="control"
              value={draft.scopeId}
              onChange={(event) => edit({ scopeId: event.target.value })}
            >
              <option value="">Choose a {label.toLowerCase()}</option>
              {items.map(({ id, name }) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
            </select>
          )}
        </Field>
      )}
    </Loaded>
  );
}
