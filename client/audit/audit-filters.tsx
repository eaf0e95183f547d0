import { X } from 'lucide-react';
import { api } from '#client/query/trpc.ts';
import { useMe } from '#client/session/use-me.ts';
import { Button } from '#client/ui/button.tsx';
import { FilterOptions, Filters, FilterSelect } from '#client/ui/filters.tsx';
import { hasParams } from '#client/ui/search-params.ts';
import { TimeFilter } from '#client/ui/time-filter.tsx';
import { type AuditSearch, type AuditSubject, auditSubjects } from './audit-filter.ts';
import { subjectLabels } from './audit-text.ts';

const subjects = Object.keys(auditSubjects) as AuditSubject[];

/** The filters of the log, by actor, subject, time and target. */
export function AuditFilters({
  search,
  onChange,
  onClear,
  names,
}: {
  search: AuditSearch;
  onChange: (change: Partial<AuditSearch>, replace?: boolean) => void;
  onClear: () => void;
  /** Names by the ids that the address gives, as far as they are known. */
  names: ReadonlyMap<string, string>;
}) {
  const { who, what, target } = search;
  return (
    <Filters label="Filter the log" isFiltered={hasParams(search)} onClear={onClear}>
      <ActorFilter actor={who} name={who && names.get(who)} onChange={(who) => onChange({ who })} />
      <FilterSelect
        label="What"
        all="Everything"
        value={what}
        onChange={(value) => onChange({ what: subjects.find((subject) => subject === value) })}
      >
        <FilterOptions items={subjects.map((id) => ({ id, name: subjectLabels[id] }))} />
      </FilterSelect>
      <TimeFilter search={search} onChange={onChange} />
      {target !== undefined && (
        <Button onClick={() => onChange({ target: undefined })}>
          <span className="max-w-60 truncate">Only “{names.get(target) ?? 'one thing'}”</span>
          <X aria-hidden className="size-4" />
          <span className="sr-only">, show all</span>
        </Button>
      )}
    </Filters>
  );
}

/** Members, keys and other actors by name. `name` is the log's name for an actor that is gone. */
function ActorFilter({
  actor,
  name = 'A former member or key',
  onChange,
}: {
  actor: string | undefined;
  name: string | undefined;
  onChange: (actor: string | undefined) => void;
}) {
  const me = useMe().data;
  const hasAccounts = me !== undefined && me.kind !== 'local';
  const members = api.members.list.useQuery(undefined, { enabled: hasAccounts }).data?.items ?? [];
  const keys = api.keys.list.useQuery(undefined, { enabled: hasAccounts }).data?.items ?? [];
  const others = [
    ...(hasAccounts ? [] : [{ id: 'token', name: 'The access token' }]),
    { id: 'schedule', name: 'Schedules' },
    { id: 'anonymous', name: 'Anonymous' },
    { id: 'system', name: 'Runlight' },
  ];
  const isKnown = actor === undefined || [...members, ...keys, ...others].some(({ id }) => id === actor);
  return (
    <FilterSelect label="Who" all="Everyone" value={actor} onChange={onChange}>
      {!isKnown && <option value={actor}>{name}</option>}
      <FilterOptions label="People" items={members} />
      <FilterOptions label="API keys" items={keys} />
      <FilterOptions label="Others" items={others} />
    </FilterSelect>
  );
}
