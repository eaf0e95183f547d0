import { X } from 'lucide-react';
import { useMe } from '#client/session/use-me.ts';
import { api } from '#client/query/trpc.ts';
import { Button } from '#client/ui/button.tsx';
import { TimeFilter } from '#client/ui/time-filter.tsx';
import { type AuditSearch, type AuditSubject, auditSubjects } from './audit-filter.ts';
import { subjectLabels } from './audit-text.ts';

interface AuditFiltersProps {
  search: AuditSearch;
  onChange: (change: Partial<AuditSearch>, replace?: boolean) => void;
  onClear: () => void;
  /** Names of what the address gives by its id, as far as they are known. */
  names: ReadonlyMap<string, string>;
}

const subjects = Object.keys(auditSubjects) as AuditSubject[];
const selectClass = 'control w-auto max-w-60 max-sm:w-[calc(50%-0.25rem)]';

/** What narrows the log; all of it lives in the address. */
export function AuditFilters({ search, onChange, onClear, names }: AuditFiltersProps) {
  const { who, what, target } = search;
  return (
    <div className="mb-4 flex flex-wrap items-center gap-2" role="search" aria-label="Filter the log">
      <WhoFilter who={who} name={who && names.get(who)} onChange={(who) => onChange({ who })} />
      <select
        aria-label="What"
        className={selectClass}
        value={what ?? ''}
        onChange={(event) => onChange({ what: subjects.find((subject) => subject === event.target.value) })}
      >
        <option value="">Everything</option>
        {subjects.map((subject) => (
          <option key={subject} value={subject}>
            {subjectLabels[subject]}
          </option>
        ))}
      </select>
      <TimeFilter search={search} onChange={onChange} />
      {target !== undefined && (
        <Button onClick={() => onChange({ target: undefined })}>
          <span className="max-w-60 truncate">Only “{names.get(target) ?? 'one thing'}”</span>
          <X aria-hidden className="size-4" />
          <span className="sr-only">, show all</span>
        </Button>
      )}
      {Object.keys(search).length > 0 && (
        <Button variant="ghost" onClick={onClear}>
          <X aria-hidden className="size-4" /> Clear filters
        </Button>
      )}
    </div>
  );
}

/** People and keys by name; of those who have gone, the name that the log has. */
function WhoFilter({
  who,
  name,
  onChange,
}: {
  who: string | undefined;
  name: string | undefined;
  onChange: (who: string | undefined) => void;
}) {
  const me = useMe().data;
  const hasAccounts = me !== undefined && me.kind !== 'local';
  const members = api.members.list.useQuery(undefined, { enabled: hasAccounts }).data?.items ?? [];
  const keys = api.keys.list.useQuery(undefined, { enabled: hasAccounts }).data?.items ?? [];
  const others = [
    ...(hasAccounts ? [] : [{ id: 'token', name: 'The access token' }]),
    { id: 'schedule', name: 'Schedules' },
    { id: 'anonymous', name: 'Strangers' },
    { id: 'system', name: 'Runlight' },
  ];
  const isKnown = who === undefined || [...members, ...keys, ...others].some(({ id }) => id === who);
  return (
    <select
      aria-label="Who"
      className={selectClass}
      value={who ?? ''}
      onChange={(event) => onChange(event.target.value || undefined)}
    >
      <option value="">Everybody</option>
      {!isKnown && <option value={who}>{name ?? 'Somebody who has gone'}</option>}
      <Options label="People" items={members} />
      <Options label="API keys" items={keys} />
      <Options label="Others" items={others} />
    </select>
  );
}

function Options({ label, items }: { label: string; items: readonly { id: string; name: string }[] }) {
  if (items.length === 0) return null;
  return (
    <optgroup label={label}>
      {items.map(({ id, name }) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </optgroup>
  );
}
