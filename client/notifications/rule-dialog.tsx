import { useState } from 'react';
import { fieldErrors } from '#client/query/api-error.ts';
import { FormDialog } from '#client/query/form-dialog.tsx';
import { api } from '#client/query/trpc.ts';
import { TextField } from '#client/ui/text-field.tsx';
import type { NotificationEvent } from '#shared/notifications.ts';
import { emptyDraft, type RuleDraft, toDraft, toInput } from './rule-draft.ts';
import { ScopeFields } from './scope-fields.tsx';
import { TargetFields } from './target-fields.tsx';
import { eventText, type Rule } from './texts.ts';

/** Makes a rule, or changes `rule`. */
export default function RuleDialog({
  rule,
  hasEmail,
  onSaved,
  onClose,
}: {
  rule?: Rule | undefined;
  hasEmail: boolean;
  /** `secret`: the key of a webhook, which is shown only now. */
  onSaved: (saved: { id: string; secret: string | null }) => void;
  onClose: () => void;
}) {
  const utils = api.useUtils();
  const [draft, setDraft] = useState<RuleDraft>(rule ? toDraft(rule) : emptyDraft);
  const edit = (change: Partial<RuleDraft>) => setDraft({ ...draft, ...change });
  const options = {
    onSuccess: (saved: { id: string; secret: string | null }) => {
      void utils.notifications.invalidate();
      onSaved(saved);
      onClose();
    },
  };
  const create = api.notifications.create.useMutation(options);
  const update = api.notifications.update.useMutation(options);
  const { isPending, error } = rule ? update : create;
  const errors = fieldErrors(error);
  return (
    <FormDialog
      title={rule ? `Change “${rule.name}”` : 'New rule'}
      action={rule ? 'Save' : 'Create rule'}
      busy={isPending}
      error={error}
      onSubmit={() => {
        const input = toInput(draft);
        if (rule) update.mutate({ ...input, ruleId: rule.id });
        else create.mutate(input);
      }}
      onClose={onClose}
    >
      <TextField
        label="Name"
        error={errors['name']}
        required
        maxLength={100}
        placeholder="Such as: Nightly to the team"
        value={draft.name}
        onChange={(name) => edit({ name })}
      />
      <TargetFields draft={draft} edit={edit} errors={errors} saved={rule?.target.kind} hasEmail={hasEmail} />
      <ScopeFields draft={draft} edit={edit} errors={errors} />
      {draft.kind === 'github' ? (
        <p className="text-sm text-muted">GitHub gets the status of every run of a commit.</p>
      ) : (
        <Events chosen={draft.events} error={errors['events']} onChange={(events) => edit({ events })} />
      )}
    </FormDialog>
  );
}

function Events({
  chosen,
  error,
  onChange,
}: {
  chosen: readonly NotificationEvent[];
  error: string | undefined;
  onChange: (events: NotificationEvent[]) => void;
}) {
  return (
    <fieldset aria-describedby={error && 'events-error'}>
      <legend className="mb-1.5 text-sm font-medium">When</legend>
      <div className="space-y-1">
        {(Object.keys(eventText) as NotificationEvent[]).map((event) => (
          <label key={event} className="flex items-start gap-2.5 py-0.5 text-sm">
            <input
              type="checkbox"
              checked={chosen.includes(event)}
              aria-invalid={error ? true : undefined}
              onChange={({ target }) =>
                onChange(target.checked ? [...chosen, event] : chosen.filter((it) => it !== event))
              }
              className="mt-0.5 size-4 accent-accent"
            />
            <span>
              {eventText[event].label}
              <span className="block text-muted">{eventText[event].hint}.</span>
            </span>
          </label>
        ))}
      </div>
      {error && (
        <p id="events-error" role="alert" className="mt-1.5 text-sm text-bad">
          The rule {error}
        </p>
      )}
    </fieldset>
  );
}
