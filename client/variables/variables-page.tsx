import { KeyRound } from 'lucide-react';
import { useState } from 'react';
import { useMayEdit } from '#client/session/use-may-edit.ts';
import { useMayManage } from '#client/session/use-may-manage.ts';
import { useMe } from '#client/session/use-me.ts';
import { Loaded } from '#client/query/loaded.tsx';
import { Refusal } from '#client/query/refusal.tsx';
import { errorText, fieldErrors } from '#client/query/api-error.ts';
import { api, type Outputs } from '#client/query/trpc.ts';
import { Button } from '#client/ui/button.tsx';
import { Field } from '#client/ui/field.tsx';
import { ConfirmDialog } from '#client/ui/confirm-dialog.tsx';
import { PageHeader, Section } from '#client/ui/page.tsx';
import { EmptyState } from '#client/ui/states.tsx';
import { Table } from '#client/ui/table.tsx';
import { TextField } from '#client/ui/text-field.tsx';
import { RelativeTime } from '#client/ui/time.tsx';

type Variable = Outputs['variables']['list']['items'][number];

/** Variables that tests read from `process.env`. Their values cannot be read here. */
export function VariablesPage() {
  const mayEdit = useMayEdit();
  const mayManage = useMayManage();
  // Refusals are written to the audit log, so the list is asked for only once the role is known.
  const isKnown = useMe().isSuccess;
  const query = api.variables.list.useQuery(undefined, { enabled: isKnown && mayEdit });
  const [removing, setRemoving] = useState<Variable>();
  return (
    <>
      <PageHeader title="Variables" />
      <p className="mb-5 max-w-prose text-muted">
        Tests read variables as <code className="font-mono">process.env.NAME</code>. A secret value cannot be read here
        once it is set. In output, errors, steps and reports, secret values and their lines of six characters or more
        are replaced by <code className="font-mono">***</code>. In traces, screenshots and videos they are visible.
      </p>
      <div className="grid items-start gap-5 lg:grid-cols-[1fr_22rem]">
        <div className="@container card overflow-hidden">
          {!mayEdit ? (
            <EmptyState icon={<KeyRound />} title="Variables are for editors">
              <p>You are a viewer of this project. Editors see the names of its variables, and owners set them.</p>
            </EmptyState>
          ) : (
            <Loaded query={query} what="variables">
              {({ items }) =>
                items.length === 0 ? (
                  <EmptyState icon={<KeyRound />} title="No variables yet">
                    <p>Set a password, token or address that tests need and scripts should not contain.</p>
                  </EmptyState>
                ) : (
                  <VariableTable variables={items} onRemove={mayManage ? setRemoving : undefined} />
                )
              }
            </Loaded>
          )}
        </div>
        {mayEdit && (
          <Section title="Set a variable">
            {mayManage ? (
              <VariableForm />
            ) : (
              <p className="p-4 text-sm text-muted">Only owners of the project set and remove variables.</p>
            )}
          </Section>
        )}
      </div>
      {removing && <RemoveVariable variable={removing} onClose={() => setRemoving(undefined)} />}
    </>
  );
}

function VariableTable({
  variables,
  onRemove,
}: {
  variables: readonly Variable[];
  /** Undefined for users who may not remove variables. */
  onRemove: ((variable: Variable) => void) | undefined;
}) {
  return (
    <Table
      label="Variables"
      columns={[
        { head: 'Name' },
        { head: 'Value' },
        { head: 'Set', className: 'hidden w-28 text-right @md:table-cell' },
        { head: <span className="sr-only">Actions</span>, className: 'w-26' },
      ]}
    >
      {variables.map((variable) => (
        <tr key={variable.name}>
          <td className="px-4 py-2 font-mono break-all">{variable.name}</td>
          <td className="px-2 py-2">
            {variable.isSecret ? (
              <span className="text-muted">Secret</span>
            ) : variable.value === null ? (
              <span className="text-bad">Cannot be read: set it again</span>
            ) : (
              <span className="line-clamp-3 font-mono text-[0.8125rem] break-all whitespace-pre-wrap">
                {variable.value}
              </span>
            )}
          </td>
          <td className="hidden px-2 py-2 text-right text-muted @md:table-cell">
            <RelativeTime iso={variable.updatedAt} />
          </td>
          <td className="py-2 pr-2 pl-2 text-right">
            {onRemove && (
              <Button
                size="sm"
                variant="ghost"
                aria-label={`Remove ${variable.name}`}
                onClick={() => onRemove(variable)}
              >
                Remove
              </Button>
            )}
          </td>
        </tr>
      ))}
    </Table>
  );
}

function VariableForm() {
  const utils = api.useUtils();
  const [name, setName] = useState('');
  const [value, setValue] = useState('');
  const [isSecret, setSecret] = useState(true);
  const set = api.variables.set.useMutation({
    onSuccess: () => {
      setName('');
      setValue('');
      void utils.variables.list.invalidate();
    },
  });
  const errors = fieldErrors(set.error);
  return (
    <form
      className="space-y-4 p-4"
      onSubmit={(event) => {
        event.preventDefault();
        set.mutate({ name, value, isSecret });
      }}
    >
      <TextField
        label="Name"
        error={errors['name']}
        hint="An existing variable gets the new value."
        className="font-mono"
        autoComplete="off"
        spellCheck={false}
        required
        value={name}
        onChange={setName}
      />
      <Field label="Value" error={errors['value']} hint="It may have several lines, such as a key.">
        {(control) => (
          <textarea
            {...control}
            rows={3}
            className={`control font-mono ${isSecret ? '[-webkit-text-security:disc]' : ''}`}
            autoComplete="off"
            spellCheck={false}
            required
            value={value}
            onChange={(event) => setValue(event.target.value)}
          />
        )}
      </Field>
      <label className="flex min-h-8 items-center gap-2.5 text-sm">
        <input
          type="checkbox"
          checked={isSecret}
          onChange={(event) => setSecret(event.target.checked)}
          className="size-4 accent-accent"
        />
        Secret: hidden in output, and never shown
      </label>
      <Refusal error={set.error} />
      <Button type="submit" variant="primary" busy={set.isPending}>
        Set variable
      </Button>
      <p role="status" className="text-sm text-muted">
        {set.isSuccess && `${set.data.name} is set. Runs that start from now on can read it.`}
      </p>
    </form>
  );
}

function RemoveVariable({ variable, onClose }: { variable: Variable; onClose: () => void }) {
  const utils = api.useUtils();
  const remove = api.variables.remove.useMutation({
    onSuccess: () => {
      void utils.variables.list.invalidate();
      onClose();
    },
  });
  return (
    <ConfirmDialog
      title={`Remove ${variable.name}?`}
      action="Remove"
      busy={remove.isPending}
      problem={remove.error && errorText(remove.error)}
      onConfirm={() => remove.mutate({ name: variable.name })}
      onClose={onClose}
    >
      <p>Its value cannot be restored. From the next run on, tests find it undefined.</p>
    </ConfirmDialog>
  );
}
