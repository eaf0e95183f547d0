import { getRouteApi, Link } from '@tanstack/react-router';
import { Download, ScrollText } from 'lucide-react';
import { useMemo, useState } from 'react';
import { toast } from 'sonner';
import { SettingsPage } from '#client/settings/settings-page.tsx';
import { Loaded } from '#client/query/loaded.tsx';
import { api, type ApiError, errorText } from '#client/query/trpc.ts';
import { Button, buttonClass } from '#client/ui/button.tsx';
import { LongTable } from '#client/ui/long-table.tsx';
import { EmptyState } from '#client/ui/states.tsx';
import type { Column } from '#client/ui/table.tsx';
import { toCsv } from './audit-csv.ts';
import { type AuditFilter, type AuditSearch, toAuditFilter } from './audit-filter.ts';
import { AuditFilters } from './audit-filters.tsx';
import { AuditRow } from './audit-row.tsx';
import type { AuditEvent } from './audit-text.ts';

/** A file of more events than this is no help to anybody. */
const mostInFile = 10_000;

/** Of most rows; what was changed takes another line. */
const rowHeight = 45;

const columns: Column[] = [
  { head: 'What happened' },
  { head: 'From', className: 'hidden w-32 @xl:table-cell' },
  { head: 'When', className: 'hidden w-28 text-right @xl:table-cell' },
  { head: <span className="sr-only">Narrow</span>, className: 'w-13' },
];

const route = getRouteApi('/settings/audit');

/** Who did what, when and from where. */
export function AuditPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const address = JSON.stringify(search);
  // "The last hour" is that before the filter was chosen: it would be another question at every moment.
  // oxlint-disable-next-line react/exhaustive-deps
  const filter = useMemo(() => toAuditFilter(search, Date.now()), [address]);
  const query = api.audit.list.useInfiniteQuery(filter, { getNextPageParam: (page) => page.nextCursor });
  const events = useMemo(() => query.data?.pages.flatMap((page) => page.items) ?? [], [query.data]);
  const names = useMemo(() => namesIn(events), [events]);

  const change = (part: Partial<AuditSearch>, replace = false) =>
    void navigate({ to: '.', search: { ...search, ...part }, replace, resetScroll: false });
  return (
    <SettingsPage
      title="Audit log"
      needsAccounts={false}
      actions={events.length > 0 && <DownloadButton filter={filter} />}
    >
      <div>
        <AuditFilters
          search={search}
          names={names}
          onChange={change}
          onClear={() => void navigate({ to: '.', search: {} })}
        />
        <div className="@container card overflow-clip">
          <Loaded query={query} what="log" rows={8}>
            {() =>
              events.length === 0 ? (
                <Nothing isFiltered={Object.keys(search).length > 0} />
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

/** Of people and things, by their ids; of what has had several names, the newest. */
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

function Nothing({ isFiltered }: { isFiltered: boolean }) {
  return isFiltered ? (
    <EmptyState icon={<ScrollText />} title="Nothing matches">
      <p>Nothing in the log is as the filters want it.</p>
      <Link to="/settings/audit" search={{}} className={buttonClass()}>
        Show everything
      </Link>
    </EmptyState>
  ) : (
    <EmptyState icon={<ScrollText />} title="Nothing has happened yet">
      <p>Runs that are started, changes and sign-ins are written down here, with who, when and from where.</p>
    </EmptyState>
  );
}

/** All that the filters leave, as a file; not only what is on the page. */
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
      save(toCsv(events));
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

function save(text: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: 'text/csv' }));
  link.download = 'runlight-audit.csv';
  link.click();
  URL.revokeObjectURL(link.href);
}
