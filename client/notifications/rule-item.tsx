import { lazy, Suspense, useState } from 'react';
import { errorText } from '#client/query/api-error.ts';
import { api } from '#client/query/trpc.ts';
import { Badge } from '#client/ui/badge.tsx';
import { Button } from '#client/ui/button.tsx';
import { ConfirmDialog } from '#client/ui/confirm-dialog.tsx';
import { Item } from '#client/ui/item-list.tsx';
import { Alert } from '#client/ui/states.tsx';
import { RelativeTime } from '#client/ui/time.tsx';
import { eventText, kindText, type Rule, scopeText } from './texts.ts';

const RotateKey = lazy(() => import('./rotate-key.tsx'));

/** A rule with its buttons, and what is wrong with it. */
export function RuleItem({ rule, onEdit }: { rule: Rule; onEdit: () => void }) {
  const utils = api.useUtils();
  const onSettled = () => utils.notifications.invalidate();
  const test = api.notifications.test.useMutation();
  const resume = api.notifications.resume.useMutation({ onSettled });
  const update = api.notifications.update.useMutation({ onSettled });
  const [open, setOpen] = useState<'remove' | 'rotate'>();
  const close = () => setOpen(undefined);
  const { id: ruleId, name, enabled, pausedAt, failures, waiting, lastDeliveredAt, retiresAt } = rule;
  const problem = resume.error ?? update.error ?? test.error;
  return (
    <>
      <Item
        title={
          <>
            {name}
            {!enabled && <Badge tone="quiet">Disabled</Badge>}
            {pausedAt !== null && <Badge tone="bad">Paused</Badge>}
            {pausedAt === null && failures > 0 && <Badge tone="warn">Failing</Badge>}
          </>
        }
        details={
          <>
            {kindText[rule.target.kind]}: {rule.host ?? 'an address that cannot be read: set it again'}
            {rule.target.kind === 'webhook' && retiresAt === null && (
              <>
                {' · '}
                <button
                  type="button"
                  className="link"
                  aria-label={`Rotate key of ${name}`}
                  onClick={() => setOpen('rotate')}
                >
                  Rotate key
                </button>
              </>
            )}
            <br />
            {rule.target.kind === 'github'
              ? 'Every run'
              : rule.events.map((event) => eventText[event].label).join(', ')}{' '}
            · {scopeText(rule)}
            {waiting > 0 && <> · {waiting.toLocaleString()} waiting</>}
            {lastDeliveredAt !== null && (
              <>
                {' '}
                · last delivered <RelativeTime iso={lastDeliveredAt} />
              </>
            )}
            {retiresAt !== null && (
              <>
                {' '}
                · the old key still signs, and ends <RelativeTime iso={retiresAt} ahead />
              </>
            )}
            <div className="mt-2 space-y-2 empty:hidden">
              {pausedAt !== null && (
                <div className="flex flex-wrap items-center justify-between gap-3 rounded-lg border border-bad-line bg-bad-tint px-3.5 py-2.5 text-sm text-bad">
                  <p className="min-w-0 flex-1 basis-56 wrap-anywhere">
                    Paused <RelativeTime iso={pausedAt} />, since {failures} attempts in a row failed: {rule.lastError}{' '}
                    What waits is sent once the rule is resumed.
                  </p>
                  <Button
                    size="sm"
                    busy={resume.isPending}
                    aria-label={`Resume ${name}`}
                    onClick={() => resume.mutate({ ruleId })}
                  >
                    Resume
                  </Button>
                </div>
              )}
              {pausedAt === null && failures > 0 && <p className="text-sm text-warn wrap-anywhere">{rule.lastError}</p>}
              {problem && <Alert>{errorText(problem)}</Alert>}
              {test.data && <TestAnswer answer={test.data} />}
            </div>
          </>
        }
      >
        <Button size="sm" busy={test.isPending} aria-label={`Test ${name}`} onClick={() => test.mutate({ ruleId })}>
          Test
        </Button>
        <Button size="sm" aria-label={`Change ${name}`} onClick={onEdit}>
          Change
        </Button>
        <Button
          size="sm"
          variant="ghost"
          busy={update.isPending}
          aria-label={`${enabled ? 'Disable' : 'Enable'} ${name}`}
          onClick={() => update.mutate({ ruleId, enabled: !enabled })}
        >
          {enabled ? 'Disable' : 'Enable'}
        </Button>
        <Button size="sm" variant="ghost" aria-label={`Remove ${name}`} onClick={() => setOpen('remove')}>
          Remove
        </Button>
      </Item>
      {open === 'remove' && <RemoveRule rule={rule} onClose={close} />}
      <Suspense>{open === 'rotate' && <RotateKey rule={rule} onClose={close} />}</Suspense>
    </>
  );
}

function TestAnswer({
  answer: { ok, status, body, error },
}: {
  answer: { ok: boolean; status: number | null; body: string | null; error: string | null };
}) {
  return (
    <div
      role="status"
      className={`rounded-lg border px-3.5 py-2.5 text-sm wrap-anywhere ${ok ? 'border-good-line bg-good-tint text-good' : 'border-bad-line bg-bad-tint text-bad'}`}
    >
      <p>{ok ? `The test message arrived${status === null ? '' : `: the target answered ${status}`}.` : error}</p>
      {body && (
        <pre className="mt-1.5 max-h-40 overflow-auto font-mono text-[0.8125rem] whitespace-pre-wrap">{body}</pre>
      )}
    </div>
  );
}

function RemoveRule({ rule: { id, name }, onClose }: { rule: Rule; onClose: () => void }) {
  const utils = api.useUtils();
  const remove = api.notifications.remove.useMutation({
    onSuccess: onClose,
    onSettled: () => utils.notifications.invalidate(),
  });
  return (
    <ConfirmDialog
      title={`Remove “${name}”?`}
      action="Remove"
      busy={remove.isPending}
      problem={remove.error && errorText(remove.error)}
      onConfirm={() => remove.mutate({ ruleId: id })}
      onClose={onClose}
    >
      <p>What waits is not sent, and the list of its deliveries goes with it.</p>
    </ConfirmDialog>
  );
}
