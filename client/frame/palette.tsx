import { keepPreviousData } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Command } from 'cmdk';
import {
  CalendarClock,
  FlaskConical,
  History,
  KeyRound,
  Monitor,
  Moon,
  Play,
  Plus,
  Search,
  Server,
  Sun,
  type LucideIcon,
} from 'lucide-react';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { StatusBadge } from '#client/runs/job-status.tsx';
import { useActivity } from '#client/runs/use-activity.ts';
import { useStartRun } from '#client/runs/use-start-run.ts';
import { api } from '#client/trpc.ts';
import { ModalDialog } from '#client/ui/modal-dialog.tsx';
import { useDebounced } from '#client/ui/use-debounced.ts';
import type { Theme } from '#client/ui/use-theme.ts';

const mostMatches = 6;
const mostRecentRuns = 8;

/** Goes to any page, runs any test or job, opens recent runs: by a few letters and Enter. Mount it to open it. */
export function Palette({ onTheme, onClose }: { onTheme: (theme: Theme) => void; onClose: () => void }) {
  const [search, setSearch] = useState('');
  const [chosen, setChosen] = useState('');
  const input = useRef<HTMLInputElement>(null);
  // A dialog gives the focus to the first element that can have it, which is the box around the input.
  useEffect(() => input.current?.focus(), []);
  const query = search.trim();
  const matches = (...names: string[]) => names.some((name) => name.toLowerCase().includes(query.toLowerCase()));
  const navigate = useNavigate();
  const start = useStartRun();

  const lookup = { search: useDebounced(query, 150) || undefined, limit: mostMatches };
  const tests = api.tests.list.useQuery(lookup, { placeholderData: keepPreviousData }).data?.items ?? [];
  const jobs = api.jobs.list.useQuery(lookup, { placeholderData: keepPreviousData }).data?.items ?? [];
  const { runs } = useActivity();
  const recentRuns = [...runs.values()]
    .filter((run) => matches(run.name))
    .sort((a, b) => (a.id < b.id ? 1 : -1))
    .slice(0, mostRecentRuns);

  /** Closes first: what is chosen may ask something itself. */
  const choose = (action: () => unknown) => () => {
    onClose();
    void action();
  };
  /** The palette is gone when the answer arrives, and with it what `mutate` would call. A refusal is told by a toast. */
  const openRun = (started: Promise<{ runId: string }>) =>
    started.then(
      ({ runId }) => navigate({ to: '/runs/$runId', params: { runId } }),
      () => {},
    );

  const pages: { name: string; icon: LucideIcon; open: () => unknown }[] = [
    { name: 'Runs', icon: History, open: () => navigate({ to: '/runs' }) },
    { name: 'Tests', icon: FlaskConical, open: () => navigate({ to: '/tests' }) },
    { name: 'Jobs', icon: CalendarClock, open: () => navigate({ to: '/jobs' }) },
    { name: 'Variables', icon: KeyRound, open: () => navigate({ to: '/settings/variables' }) },
    { name: 'Workers', icon: Server, open: () => navigate({ to: '/workers' }) },
    { name: 'New test', icon: Plus, open: () => navigate({ to: '/tests/new' }) },
    { name: 'New job', icon: Plus, open: () => navigate({ to: '/jobs/new' }) },
  ];
  const themes: { name: string; icon: LucideIcon; theme: Theme }[] = [
    { name: 'Light theme', icon: Sun, theme: 'light' },
    { name: 'Dark theme', icon: Moon, theme: 'dark' },
    { name: 'Theme of the system', icon: Monitor, theme: 'system' },
  ];

  const shownPages = pages.filter(({ name }) => matches(name, `Go to ${name}`));
  const shownThemes = themes.filter(({ name }) => query !== '' && matches(name));
  const things = [...tests, ...jobs].map(({ id }) => id);
  const values = [
    ...shownPages.map(({ name }) => `go ${name}`),
    ...things.map((id) => `run ${id}`),
    ...things.map((id) => `open ${id}`),
    ...recentRuns.map(({ id }) => id),
    ...shownThemes.map(({ name }) => name),
  ];
  // Items come and go as answers arrive; there is always one that Enter means.
  const value = values.includes(chosen) ? chosen : (values[0] ?? '');

  return (
    <ModalDialog label="Command palette" onClose={onClose} className="mt-[12vh] mb-auto max-w-xl">
      <Command
        label="Command palette"
        shouldFilter={false}
        loop
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
              setSearch(text);
              setChosen('');
            }}
            placeholder="Go to a page, run a test or job"
            className="min-h-12 w-full bg-transparent placeholder:text-muted focus:outline-none"
          />
        </div>
        <Command.List label="Commands" className="overflow-y-auto overscroll-contain p-2">
          <Command.Empty className="px-3 py-8 text-center text-muted">Nothing is named like “{query}”.</Command.Empty>
          <Group heading="Go to">
            {shownPages.map(({ name, icon, open }) => (
              <Item key={name} value={`go ${name}`} icon={icon} onSelect={choose(open)}>
                {name}
              </Item>
            ))}
          </Group>
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
    </ModalDialog>
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
