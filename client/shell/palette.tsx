import { keepPreviousData } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Command } from 'cmdk';
import {
  BellRing,
  CalendarClock,
  FlaskConical,
  FolderGit2,
  History,
  Monitor,
  Moon,
  Play,
  Plus,
  Radio,
  ScrollText,
  SlidersHorizontal,
  Search,
  Sun,
  type LucideIcon,
} from 'lucide-react';
import { useLayoutEffect, useRef, useState, type ReactNode } from 'react';
import { useMayEdit } from '#client/session/use-may-edit.ts';
import { useMayManage } from '#client/session/use-may-manage.ts';
import { StatusBadge } from '#client/runs/status/status-badge.tsx';
import { useActivity } from '#client/runs/activity/use-activity.ts';
import { useStartRun } from '#client/runs/actions/use-start-run.ts';
import { api } from '#client/query/trpc.ts';
import { useSections } from './navigation.tsx';
import { useDebounced } from '#client/ui/use-debounced.ts';
import type { Theme } from '#client/ui/use-theme.ts';

type Named = { id: string; name: string };

const mostMatches = 6;
const mostRecentRuns = 8;

/** Goes to a page, runs a test or job, opens a suite or a recent run, after a few letters and Enter. Load it lazily. */
export function Palette({
  search,
  onSearch,
  onTheme,
  onClose,
}: {
  search: string;
  onSearch: (search: string) => void;
  onTheme: (theme: Theme) => void;
  onClose: () => void;
}) {
  const [chosen, setChosen] = useState('');
  const input = useRef<HTMLInputElement>(null);
  // A layout effect, so that no key is lost between the fallback's input and this one.
  useLayoutEffect(() => {
    input.current?.focus();
    input.current?.setSelectionRange(search.length, search.length);
    // oxlint-disable-next-line react/exhaustive-deps
  }, []);
  const query = search.trim();
  const matches = (...names: string[]) => names.some((name) => name.toLowerCase().includes(query.toLowerCase()));
  const navigate = useNavigate();
  const start = useStartRun();
  const mayEdit = useMayEdit();
  const mayManage = useMayManage();
  const sections = useSections();

  const lookedUp = useDebounced(query, 150);
  const lookup = { search: lookedUp || undefined, limit: mostMatches };
  const tests = itemsOf(api.tests.list.useQuery(lookup, { placeholderData: keepPreviousData }));
  const jobs = itemsOf(api.jobs.list.useQuery(lookup, { placeholderData: keepPreviousData }));
  const suites = itemsOf(api.suites.list.useQuery(lookup, { placeholderData: keepPreviousData }));
  /** Until the answer arrives, shows the matching items of the answer before: Enter must never run another test. */
  function itemsOf({ data, isPlaceholderData }: { data?: { items: Named[] } | undefined; isPlaceholderData: boolean }) {
    const items = data?.items ?? [];
    return isPlaceholderData || lookedUp !== query ? items.filter(({ name }) => matches(name)) : items;
  }
  const { runs } = useActivity();
  const recentRuns = [...runs.values()]
    .filter((run) => matches(run.name))
    .sort((a, b) => (a.id < b.id ? 1 : -1))
    .slice(0, mostRecentRuns);

  /** Closes first, since the action can open a dialog. */
  const choose = (action: () => unknown) => () => {
    onClose();
    void action();
  };
  /** Not a callback of `mutate`, since the palette is unmounted by then. `useStartRun` shows a toast on failure. */
  const openRun = (started: Promise<{ runId: string }>) =>
    started.then(
      ({ runId }) => navigate({ to: '/runs/$runId', params: { runId } }),
      () => {},
    );

  const pages: { name: string; icon: LucideIcon; open: () => unknown }[] = [
    ...sections.map(({ to, label, icon }) => ({ name: label, icon, open: () => navigate({ to }) })),
    { name: 'Watch your own suite', icon: Radio, open: () => navigate({ to: '/suites/watch' }) },
    { name: 'Test settings', icon: SlidersHorizontal, open: () => navigate({ to: '/settings/tests' }) },
    ...(mayManage
      ? [
          { name: 'Notifications', icon: BellRing, open: () => navigate({ to: '/settings/notifications' }) },
          { name: 'Audit log', icon: ScrollText, open: () => navigate({ to: '/settings/audit' }) },
        ]
      : []),
    ...(mayEdit
      ? [
          { name: 'New test', icon: Plus, open: () => navigate({ to: '/tests/new' }) },
          { name: 'New job', icon: Plus, open: () => navigate({ to: '/jobs/new' }) },
        ]
      : []),
  ];
  const themes: { name: string; icon: LucideIcon; theme: Theme }[] = [
    { name: 'Light theme', icon: Sun, theme: 'light' },
    { name: 'Dark theme', icon: Moon, theme: 'dark' },
    { name: 'System theme', icon: Monitor, theme: 'system' },
  ];

  const shownPages = pages.filter(({ name }) => matches(name, `Go to ${name}`));
  const shownThemes = themes.filter(({ name }) => query !== '' && matches(name));
  const things = [...tests, ...jobs].map(({ id }) => id);
  const values = [
    ...shownPages.map(({ name }) => `go ${name}`),
    ...(mayEdit ? things.map((id) => `run ${id}`) : []),
    ...[...things, ...suites.map(({ id }) => id)].map((id) => `open ${id}`),
    ...recentRuns.map(({ id }) => id),
    ...shownThemes.map(({ name }) => name),
  ];
  // Items come and go as answers arrive; one is always selected.
  const value = values.includes(chosen) ? chosen : (values[0] ?? '');

  return (
    <Command
      label="Command palette"
      shouldFilter={false}
      loop
      // Without this, cmdk makes its box focusable, and a dialog that opens with it focuses the box instead of the input.
      tabIndex={undefined}
      value={value}
      onValueChange={setChosen}
      className="flex max-h-[min(30rem,70vh)] flex-col"
    >
      <div className="flex items-center gap-3 border-b border-line px-4">
        <Search aria-hidden className="size-4 shrink-0 text-muted" />
        <Command.Input
          ref={input}
          value={search}
          onValueChange={(text) => {
            onSearch(text);
            setChosen('');
          }}
          placeholder={mayEdit ? 'Go to a page, run a test or job' : 'Go to a page, open a test, job or run'}
          className="min-h-12 w-full bg-transparent placeholder:text-muted focus:outline-none"
        />
      </div>
      <Command.List label="Commands" className="overflow-y-auto overscroll-contain p-2">
        <Command.Empty className="px-3 py-8 text-center text-muted">Nothing matches “{query}”.</Command.Empty>
        <Group heading="Go to">
          {shownPages.map(({ name, icon, open }) => (
            <Item key={name} value={`go ${name}`} icon={icon} onSelect={choose(open)}>
              {name}
            </Item>
          ))}
        </Group>
        {mayEdit && (
          <Group heading="Run">
            {tests.map(({ id: testId, name }) => (
              <Item
                key={testId}
                value={`run ${testId}`}
                icon={Play}
                hint="Test"
                onSelect={choose(() => openRun(start.test.mutateAsync({ testId })))}
              >
                Run {name}
              </Item>
            ))}
            {jobs.map(({ id: jobId, name }) => (
              <Item
                key={jobId}
                value={`run ${jobId}`}
                icon={Play}
                hint="Job"
                onSelect={choose(() => openRun(start.job.mutateAsync({ jobId })))}
              >
                Run {name}
              </Item>
            ))}
          </Group>
        )}
        <Group heading="Open">
          {tests.map(({ id: testId, name }) => (
            <Item
              key={testId}
              value={`open ${testId}`}
              icon={FlaskConical}
              hint="Test"
              onSelect={choose(() => navigate({ to: '/tests/$testId', params: { testId } }))}
            >
              {name}
            </Item>
          ))}
          {jobs.map(({ id: jobId, name }) => (
            <Item
              key={jobId}
              value={`open ${jobId}`}
              icon={CalendarClock}
              hint="Job"
              onSelect={choose(() => navigate({ to: '/jobs/$jobId', params: { jobId } }))}
            >
              {name}
            </Item>
          ))}
          {suites.map(({ id: suiteId, name }) => (
            <Item
              key={suiteId}
              value={`open ${suiteId}`}
              icon={FolderGit2}
              hint="Suite"
              onSelect={choose(() => navigate({ to: '/suites/$suiteId', params: { suiteId } }))}
            >
              {name}
            </Item>
          ))}
        </Group>
        <Group heading="Recent runs">
          {recentRuns.map((run) => (
            <Item
              key={run.id}
              value={run.id}
              icon={History}
              hint={<StatusBadge status={run.status} />}
              onSelect={choose(() => navigate({ to: '/runs/$runId', params: { runId: run.id } }))}
            >
              {run.name}
            </Item>
          ))}
        </Group>
        <Group heading="Theme">
          {shownThemes.map(({ name, icon, theme }) => (
            <Item key={name} value={name} icon={icon} onSelect={choose(() => onTheme(theme))}>
              {name}
            </Item>
          ))}
        </Group>
      </Command.List>
    </Command>
  );
}

function Group({ heading, children }: { heading: string; children: ReactNode[] | ReactNode[][] }) {
  if (children.flat().length === 0) return null;
  return (
    <Command.Group
      heading={heading}
      className="[&_[cmdk-group-heading]]:px-3 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:font-medium [&_[cmdk-group-heading]]:text-muted"
    >
      {children}
    </Command.Group>
  );
}

function Item({
  value,
  icon: Icon,
  hint,
  onSelect,
  children,
}: {
  value: string;
  icon: LucideIcon;
  hint?: ReactNode;
  onSelect: () => void;
  children: ReactNode;
}) {
  return (
    <Command.Item
      value={value}
      onSelect={onSelect}
      className="flex min-h-10 cursor-pointer items-center gap-3 rounded-lg px-3 data-[selected=true]:bg-line"
    >
      <Icon aria-hidden className="size-4 shrink-0 text-muted" />
      <span className="min-w-0 flex-1 truncate">{children}</span>
      {hint && <span className="shrink-0 text-sm text-muted">{hint}</span>}
    </Command.Item>
  );
}
