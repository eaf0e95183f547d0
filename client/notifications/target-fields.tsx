import { Field } from '#client/ui/field.tsx';
import { TextField } from '#client/ui/text-field.tsx';
import type { TargetKind } from '#shared/notifications.ts';
import type { RuleDraft } from './rule-draft.ts';
import { kindText } from './texts.ts';

/** Where messages go, and what each kind of target needs. */
export function TargetFields({
  draft,
  edit,
  errors,
  saved,
  hasEmail,
}: {
  draft: RuleDraft;
  edit: (change: Partial<RuleDraft>) => void;
  errors: Record<string, string>;
  /** The kind that the rule has, and so a secret for; undefined: it is new. */
  saved: TargetKind | undefined;
  hasEmail: boolean;
}) {
  const { kind } = draft;
  const isKept = saved === kind;
  const secret = (label: string, hint: string) => (
    <TextField
      label={label}
      error={errors['secret']}
      hint={isKept ? `${hint} Leave it empty to keep the one that is stored.` : hint}
      type="password"
      autoComplete="off"
      required={!isKept}
      value={draft.secret}
      onChange={(secret) => edit({ secret })}
    />
  );
  return (
    <>
      <Field
        label="Sent to"
        error={errors['target']}
        hint={
          kind === 'email' && !hasEmail ? 'This Runlight has no mail server: its operator sets SMTP_URL.' : undefined
        }
      >
        {(control) => (
          <select
            {...control}
            className="control"
            value={kind}
            onChange={(event) => edit({ kind: event.target.value as TargetKind, secret: '' })}
          >
            {Object.entries(kindText).map(([kind, label]) => (
              <option key={kind} value={kind}>
                {label}
              </option>
            ))}
          </select>
        )}
      </Field>
      {kind === 'webhook' && (
        <TextField
          label="Address"
          error={errors['target.url']}
          hint="It gets JSON by POST, signed as Standard Webhooks says."
          type="url"
          required
          placeholder="https://example.com/hooks/runlight"
          value={draft.url}
          onChange={(url) => edit({ url })}
        />
      )}
      {kind === 'slack' && secret('Webhook address', 'Of an incoming webhook of your Slack app.')}
      {kind === 'teams' &&
        secret('Webhook address', 'Of the workflow “Post to a channel when a webhook request is received”.')}
      {kind === 'email' && (
        <TextField
          label="Addresses"
          error={Object.entries(errors).find(([field]) => field.startsWith('target.to'))?.[1]}
          hint="Separated by commas."
          required
          placeholder="team@example.com"
          value={draft.to}
          onChange={(to) => edit({ to })}
        />
      )}
      {kind === 'github' && (
        <>
          <TextField
            label="Repository"
            error={errors['target.repository']}
            required
            placeholder="owner/name"
            value={draft.repository}
            onChange={(repository) => edit({ repository })}
          />
          {secret('Token', 'It may write commit statuses and pull requests of the repository.')}
          <label className="flex min-h-8 items-center gap-2.5 text-sm">
            <input
              type="checkbox"
              checked={draft.comment}
              onChange={(event) => edit({ comment: event.target.checked })}
              className="size-4 accent-accent"
            />
            A comment in the pull request, from the first failure on
          </label>
        </>
      )}
    </>
  );
}
