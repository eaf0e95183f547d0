import { BellRing, Plus } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { Loaded } from '#client/query/loaded.tsx';
import { api } from '#client/query/trpc.ts';
import { useMayManage } from '#client/session/use-may-manage.ts';
import { useMe } from '#client/session/use-me.ts';
import { SettingsPage } from '#client/settings/settings-page.tsx';
import { Button } from '#client/ui/button.tsx';
import { ItemList } from '#client/ui/item-list.tsx';
import { Section } from '#client/ui/page.tsx';
import { SecretOnce } from '#client/ui/secret-once.tsx';
import { EmptyState } from '#client/ui/states.tsx';
import { DeliveryList } from './delivery-list.tsx';
import { RuleItem } from './rule-item.tsx';
import type { Rule } from './texts.ts';

const RuleDialog = lazy(() => import('./rule-dialog.tsx'));

/** While something waits to be sent, the rules are read again after this, in ms. */
const refetchMs = 3_000;

/** Rules that tell people and programs what became of runs, and what was sent. */
export function NotificationsPage() {
  const isKnown = useMe().isSuccess;
  const mayManage = useMayManage();
  return (
    <SettingsPage title="Notifications" needsAccounts={false}>
      {isKnown && !mayManage ? (
        <Section title="Rules">
          <EmptyState icon={<BellRing />} title="Notifications are for owners">
            <p>Owners of this project choose who gets which messages.</p>
          </EmptyState>
        </Section>
      ) : (
        <Rules isKnown={isKnown} />
      )}
    </SettingsPage>
  );
}

function Rules({ isKnown }: { isKnown: boolean }) {
  const query = api.notifications.list.useQuery(undefined, {
    // Refusals are written to the audit log, so the list is asked for only once the role is known.
    enabled: isKnown,
    refetchInterval: ({ state }) => (state.data?.items.some(({ waiting }) => waiting > 0) ? refetchMs : false),
  });
  const [edited, setEdited] = useState<Rule | 'new'>();
  const [secret, setSecret] = useState<string | null>(null);
  const [ruleId, setRuleId] = useState<string>();
  const create = (
    <Button size="sm" variant="primary" onClick={() => setEdited('new')}>
      <Plus aria-hidden className="size-4" /> New rule
    </Button>
  );
  const rules = query.data?.items ?? [];
  return (
    <>
      <Section title="Rules" actions={rules.length > 0 && create}>
        {secret !== null && (
          <SecretOnce
            label="The key of the webhook"
            text={secret}
            hint="With it, the target checks the signature of each message. Save it now: it is not shown again."
          />
        )}
        <Loaded query={query} what="rules">
          {({ items }) =>
            items.length === 0 ? (
              <EmptyState icon={<BellRing />} title="No rules yet">
                <p>
                  A rule tells a webhook, Slack, Microsoft Teams, e-mail addresses or GitHub when runs fail, recover or
                  do not start.
                </p>
                {create}
              </EmptyState>
            ) : (
              <ItemList>
                {items.map((rule) => (
                  <RuleItem key={rule.id} rule={rule} onEdit={() => setEdited(rule)} />
                ))}
              </ItemList>
            )
          }
        </Loaded>
      </Section>
      {rules.length > 0 && (
        <DeliveryList
          rules={rules}
          ruleId={rules.some(({ id }) => id === ruleId) ? ruleId : undefined}
          onRule={setRuleId}
        />
      )}
      <Suspense>
        {edited && query.data && (
          <RuleDialog
            rule={edited === 'new' ? undefined : edited}
            hasEmail={query.data.hasEmail}
            onSaved={(saved) => setSecret(saved.secret)}
            onClose={() => setEdited(undefined)}
          />
        )}
      </Suspense>
    </>
  );
}
