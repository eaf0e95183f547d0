import { KeyRound } from 'lucide-react';
import { useState } from 'react';
import { useMayEdit } from '#client/session/use-may-edit.ts';
import { useMayManage } from '#client/session/use-may-manage.ts';
import { useMe } from '#client/session/use-me.ts';
import { Loaded } from '#client/query/loaded.tsx';
import { api, errorText, fieldErrors, type Outputs } from '#client/query/trpc.ts';
import { Button } from '#client/ui/button.tsx';
import { Dialog } from '#client/ui/dialog.tsx';
import { Field } from '#client/ui/field.tsx';
import { PageHeader, Section } from '#client/ui/page.tsx';
import { Alert, EmptyState } from '#client/ui/states.tsx';
import { Table } from '#client/ui/table.tsx';
import { RelativeTime } from '#client/ui/time.tsx';

type Variable = Outputs['variables']['list']['items'][number];

/** What tests find in `process.env`, and nobody reads here. */
export function VariablesPage() {
  const mayEdit = useMayEdit();
  const mayManage = useMayManage();
  // Not before it is known who asks: what is refused is in the audit log.
  const isKnown = useMe().isSuccess;
  const query = api.variables.list.useQuery(undefined, { enabled: isKnown && mayEdit });
  const [removing, setRemoving] = useState<Variable>();
  return (
    <>
      <PageHeader title="Variables" />
      <p className="mb-5 max-w-prose text-muted">
        Tests read them as <code className="font-mono">process.env.NAME</code>. Nobody can read a value here once it is
        set. In output, errors, steps and reports values of six characters or more are replaced by{' '}
        <code className="font-mono">***</code>; in traces, screenshots and videos they are not.
      </p>
      <div className="grid items-start gap-5 lg:grid-cols-[1fr_22rem]">
        <div className="@container card overflow-hidden">
          {!mayEdit ? (
            <EmptyState icon={<KeyRound />} title="Variables are for editors">
              <p>You are a viewer of this project. Its editors see the names of its variables, its owners set them.</p>
            </EmptyState>
          ) : (
            <Loaded query={query} what="variables">
              {({ items }) =>
                items.length === 0 ? (
                  <EmptyState icon={<KeyRound />} title="No variables yet">
                    <p>A password, a token or an address that tests need and scripts should not hold.</p>
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
              <p className="p-4 text-sm text-muted">Owners of the project set and remove variables.</p>
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
  /** Not given to those who may not remove any. */
  onRemove: ((variable: Variable) => void) | undefined;
}) {
  return (
    <Table
      label="Variables"
      columns={[
        { head: 'Name' },
        { head: 'Set', className: 'hidden w-28 text-right @md:table-cell' },
        { head: <span className="sr-only">Actions</span>, className: 'w-26' },
      ]}
    >
      {variables.map((variable) => (
        <tr key={variable.name}>
          <td className="px-4 py-2 font-mono break-all">{variable.name}</td>
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
        set.mutate({ name, value });
      }}
    >
      <Field label="Name" error={errors['name']} hint="An existing variable gets the new value.">
        {(control) => (
          <input
            {...control}
            className="control font-mono"
            autoComplete="off"
            spellCheck={false}
            required
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
        )}
      </Field>
      <Field label="Value" error={errors['value']}>
        {(control) => (
          <input
            {...control}
            className="control font-mono"
            type="password"
            autoComplete="new-password"
            required
            value={value}
            onChange={(event) => setValue(event.target.value)}
          />
        )}
      </Field>
      {set.error && !errors['name'] && !errors['value'] && <Alert>{errorText(set.error)}</Alert>}
      <Button type="submit" variant="primary" busy={set.isPending}>
        Set variable
      </Button>
      <p role="status" className="text-sm text-muted">
        {set.isSuccess && `${set.data.name} is set. Runs that start from now on read it.`}
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
    <Dialog
      title={`Remove ${variable.name}?`}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Keep it</Button>
          <Button variant="danger" busy={remove.isPending} onClick={() => remove.mutate({ name: variable.name })}>
            Remove
          </Button>
        </>
      }
    >
      <p>Its value cannot be recovered. Tests that read it find nothing from the next run on.</p>
      {remove.error && <Alert>{errorText(remove.error)}</Alert>}
    </Dialog>
  );
}
