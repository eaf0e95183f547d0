import { Link } from '@tanstack/react-router';
import { errorText } from '#client/query/api-error.ts';
import { Loaded } from '#client/query/loaded.tsx';
import { api } from '#client/query/trpc.ts';
import { Badge } from '#client/ui/badge.tsx';
import { Button } from '#client/ui/button.tsx';
import { CodeBlock } from '#client/ui/code-block.tsx';
import { plural } from '#client/ui/format.ts';
import { LoadMore } from '#client/ui/load-more.tsx';
import { Section } from '#client/ui/page.tsx';
import { Alert } from '#client/ui/states.tsx';
import { RelativeTime } from '#client/ui/time.tsx';
import { type Delivery, nameOfEvent, type Rule, stateText } from './texts.ts';

/** While something waits to be sent, the list is read again after this, in ms. */
const refetchMs = 3_000;

/** What was sent, by one rule or by all, with the answers. */
export function DeliveryList({
  rules,
  ruleId,
  onRule,
}: {
  rules: readonly Rule[];
  ruleId: string | undefined;
  onRule: (ruleId: string | undefined) => void;
}) {
  const query = api.notifications.deliveries.useInfiniteQuery(
    { ruleId, limit: 20 },
    {
      getNextPageParam: (page) => page.nextCursor,
      refetchInterval: ({ state }) =>
        state.data?.pages.some(({ items }) => items.some((it) => it.state === 'waiting')) ? refetchMs : false,
    },
  );
  const deliveries = query.data?.pages.flatMap(({ items }) => items) ?? [];
  return (
    <Section
      title="Deliveries"
      actions={
        <select
          aria-label="Rule"
          className="control w-auto max-w-52 text-sm"
          value={ruleId ?? ''}
          onChange={(event) => onRule(event.target.value || undefined)}
        >
          <option value="">All rules</option>
          {rules.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
      }
    >
      <Loaded query={query} what="deliveries">
        {() =>
          deliveries.length === 0 ? (
            <p className="p-4 text-muted">Nothing was sent yet.</p>
          ) : (
            <ul className="divide-y divide-line">
              {deliveries.map((delivery) => (
                <DeliveryItem key={delivery.id} delivery={delivery} />
              ))}
            </ul>
          )
        }
      </Loaded>
      <LoadMore pages={query} />
    </Section>
  );
}

function DeliveryItem({ delivery }: { delivery: Delivery }) {
  const { state, attempts, answerStatus, summary, ruleName, event, createdAt, error } = delivery;
  const { label, tone } = stateText[state];
  return (
    <li>
      <details className="group">
        <summary className="flex cursor-pointer flex-wrap items-center gap-x-3 gap-y-1 px-4 py-3 hover:bg-hover focus-visible:-outline-offset-2">
          <span className="min-w-0 flex-1 basis-40 wrap-anywhere">
            <span className="font-medium">{summary}</span>
            <span className="block text-sm text-muted">
              {ruleName} · {nameOfEvent(event)} · <RelativeTime iso={createdAt} />
              {attempts > 1 && ` · ${plural(attempts, 'attempt')}`}
            </span>
            {error && <span className="block text-sm text-bad">{error}</span>}
          </span>
          <span className="flex items-center gap-3">
            {answerStatus !== null && <code className="text-sm text-muted">{answerStatus}</code>}
            <Badge tone={tone}>{label}</Badge>
          </span>
        </summary>
        <DeliveryDetails delivery={delivery} />
      </details>
    </li>
  );
}

function DeliveryDetails({ delivery }: { delivery: Delivery }) {
  const utils = api.useUtils();
  const redeliver = api.notifications.redeliver.useMutation({ onSettled: () => utils.notifications.invalidate() });
  const { id: deliveryId, state, runId, sequence, body, answerBody, answerStatus, nextAttemptAt } = delivery;
  return (
    <div className="space-y-3 px-4 pb-4">
      <p className="text-sm text-muted wrap-anywhere">
        Number {sequence} of the rule, id <code>{deliveryId}</code>
        {state === 'waiting' && (
          <>
            , next attempt <RelativeTime iso={nextAttemptAt} ahead />
          </>
        )}
      </p>
      <CodeBlock label="request" place="Request" code={pretty(body)} />
      {answerBody && (
        <CodeBlock
          label="answer"
          place={answerStatus === null ? 'Answer' : `Answer ${answerStatus}`}
          code={answerBody}
        />
      )}
      {redeliver.error && <Alert>{errorText(redeliver.error)}</Alert>}
      <div className="flex flex-wrap items-center gap-3">
        {state !== 'waiting' && (
          <Button size="sm" busy={redeliver.isPending} onClick={() => redeliver.mutate({ deliveryId })}>
            Redeliver
          </Button>
        )}
        {runId !== null && (
          <Link to="/runs/$runId" params={{ runId }} className="link text-sm">
            Open the run
          </Link>
        )}
      </div>
    </div>
  );
}

function pretty(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json), null, 2);
  } catch {
    return json;
  }
}
