import { getRouteApi, Link } from '@tanstack/react-router';
import { Download, ScrollText } from 'lucide-react';
import { useMemo, useState } from 'react';
import { toast } from '#client/ui/toast.ts';
import { SettingsPage } from '#client/settings/settings-page.tsx';
import { Loaded } from '#client/query/loaded.tsx';
import { type ApiError, errorText } from '#client/query/api-error.ts';
import { api } from '#client/query/trpc.ts';
import { Button, buttonClass } from '#client/ui/button.tsx';
import { LongTable } from '#client/ui/long-table.tsx';
import { saveFile } from '#client/ui/save-file.ts';
import { EmptyState } from '#client/ui/states.tsx';
import type { Column } from '#client/ui/table.tsx';
import { useFilter } from '#client/ui/use-filter.ts';
import { toCsv } from './audit-csv.ts';
import { type AuditFilter, toAuditFilter } from './audit-filter.ts';
import { AuditFilters } from './audit-filters.tsx';
import { AuditRow } from './audit-row.tsx';
import type { AuditEvent } from './audit-text.ts';

/** The size limit of a downloaded file. */
const mostInFile = 10_000;

/** The height in px of a row without details. */
const rowHeight = 45;

const columns: Column[] = [
  { head: 'What happened' },
  { head: 'From', className: 'hidden w-32 @xl:table-cell' },
  { head: 'When', className: 'hidden w-28 text-right @xl:table-cell' },
  { head: <span className="sr-only">Narrow</span>, className: 'w-13' },
];

const route = getRouteApi('/settings/audit');

/** The audit log, with filters and a download. */
export function AuditPage() {
  const search = route.useSearch();
  const { filter, isFiltered, change, clear } = useFilter(search, toAuditFilter, route.useNavigate());
  const query = api.audit.list.useInfiniteQuery(filter, { getNextPageParam: (page) => page.nextCursor });
  const events = useMemo(() => query.data?.pages.flatMap((page) => page.items) ?? [], [query.data]);
  const names = useMemo(() => namesIn(events), [events]);

  return (
    <SettingsPage
      title="Audit log"
      needsAccounts={false}
      actions={events.length > 0 && <DownloadButton filter={filter} />}
    >
      <div>
        <AuditFilters search={search} names={names} onChange={change} onClear={clear} />
        <div className="@container card overflow-clip">
          <Loaded query={query} what="log" rows={8}>
            {() =>
              events.length === 0 ? (
                <NoEvents isFiltered={isFiltered} />
              ) : (
                <LongTable label="Audit log" columns={columns} items={events} rowHeight={rowHeight} pages={query}>
                  {(event, place) => <AuditRow key={event.id} event={event} place={place} />}
                </LongTable>
              )
            }
          </Loaded>
        </div>
      </div>
    </SettingsPage>
  );
}

/** The newest name of each actor and target, by id. */
function namesIn(events: readonly AuditEvent[]): Map<string, string> {
  return new Map(
    events
      .toReversed()
      .flatMap(({ actorId, actorName, targetId, targetName }) => [
        [actorId, actorName] as const,
        ...(targetId === null ? [] : [[targetId, targetName] as const]),
      ]),
  );
}

function NoEvents({ isFiltered }: { isFiltered: boolean }) {
  return isFiltered ? (
    <EmptyState icon={<ScrollText />} title="No event matches">
      <p>No event in the log matches these filters.</p>
      <Link to="/settings/audit" search={{}} className={buttonClass()}>
        Show everything
      </Link>
    </EmptyState>
  ) : (
    <EmptyState icon={<ScrollText />} title="Nothing has happened yet">
      <p>The log records sign-ins, changes and started runs: who, when and from where.</p>
    </EmptyState>
  );
}

/** Downloads all events that match the filter, not only those on the page. */
function DownloadButton({ filter }: { filter: AuditFilter }) {
  const utils = api.useUtils();
  const [isBusy, setBusy] = useState(false);
  const download = async () => {
    setBusy(true);
    try {
      const events: AuditEvent[] = [];
      let cursor: string | null = null;
      do {
        const page: { items: AuditEvent[]; nextCursor: string | null } = await utils.client.audit.list.query({
          ...filter,
          limit: 200,
          cursor,
        });
        events.push(...page.items);
        cursor = page.nextCursor;
      } while (cursor !== null && events.length < mostInFile);
      saveFile('runlight-audit.csv', toCsv(events), 'text/csv');
      if (cursor !== null) toast.info(`The file holds the newest ${events.length.toLocaleString()} events`);
    } catch (error) {
      toast.error('The log was not downloaded', { description: errorText(error as ApiError) });
    } finally {
      setBusy(false);
    }
  };
  return (
    <Button busy={isBusy} onClick={() => void download()}>
      <Download aria-hidden className="size-4" /> Download CSV
    </Button>
  );
}
