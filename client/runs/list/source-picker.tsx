import { Combobox } from '@base-ui/react/combobox';
import { Check } from 'lucide-react';
import { useMemo, useState } from 'react';
import { api } from '#client/query/trpc.ts';
import { useDebounced } from '#client/ui/use-debounced.ts';
import type { RunKind } from '#shared/events.ts';
import { kindNames, sourceClass, sourceLabel, SourceName, type RunSource } from './run-source.tsx';

const kinds: RunSource[] = Object.entries(kindNames).map(([kind, name]) => ({ kind: kind as RunKind, id: null, name }));

const everything: RunSource = { kind: 'job', id: '', name: 'Any source' };

/** Picks a test, job or suite by search; null: all of them. It is open when it appears. Load it lazily. */
export default function SourcePicker({
  chosen,
  onChange,
}: {
  chosen: RunSource | null;
  onChange: (source: RunSource | null) => void;
}) {
  const [typed, setTyped] = useState('');
  const search = useDebounced(typed.trim(), 150);
  const input = { ...(search && { search }), limit: 20 };
  const options = { placeholderData: <T,>(earlier: T) => earlier };
  const tests = api.tests.list.useQuery(input, options);
  const jobs = api.jobs.list.useQuery(input, options);
  const suites = api.suites.list.useQuery(input, options);

  const groups = useMemo(() => {
    const words = search.toLowerCase();
    const found = (kind: RunKind, items: { id: string; name: string }[] | undefined): RunSource[] =>
      items?.map(({ id, name }) => ({ kind, id, name })) ?? [];
    return [
      { label: 'Kinds', items: [everything, ...kinds].filter(({ name }) => name.toLowerCase().includes(words)) },
      { label: 'Suites', items: found('suite', suites.data?.items) },
      { label: 'Jobs', items: found('job', jobs.data?.items) },
      { label: 'Tests', items: found('test', tests.data?.items) },
    ].filter(({ items }) => items.length > 0);
  }, [search, suites.data, jobs.data, tests.data]);

  return (
    <Combobox.Root
      items={groups}
      filter={null}
      value={chosen}
      inputValue={typed}
      onInputValueChange={setTyped}
      defaultOpen
      onOpenChange={() => setTyped('')}
      itemToStringLabel={(choice: RunSource) => choice.name}
      isItemEqualToValue={(a: RunSource, b: RunSource) => a.kind === b.kind && a.id === b.id}
      onValueChange={(choice: RunSource | null) => onChange(choice === everything ? null : choice)}
    >
      <Combobox.Trigger aria-label={sourceLabel(chosen)} className={sourceClass}>
        <SourceName source={chosen} />
      </Combobox.Trigger>
      <Combobox.Portal>
        <Combobox.Positioner align="start" sideOffset={4} className="z-40">
          <Combobox.Popup
            aria-label="Test, job or suite"
            className="flex max-h-[min(24rem,var(--available-height))] w-80 max-w-[var(--available-width)] flex-col overflow-hidden rounded-lg border border-line-strong bg-raised shadow-xl"
          >
            <div className="border-b border-line p-2">
              <Combobox.Input
                aria-label="Search tests, jobs and suites"
                placeholder="Search tests, jobs and suites"
                className="control"
                maxLength={200}
              />
            </div>
            <Combobox.Empty className="text-sm text-muted empty:hidden">
              <div className="px-3 py-4">
                {tests.isFetching ? 'Searching…' : 'No test, job or suite has this name.'}
              </div>
            </Combobox.Empty>
            <Combobox.List className="min-h-0 overflow-auto overscroll-contain p-1 empty:hidden">
              {(group: { label: string; items: RunSource[] }) => (
                <Combobox.Group key={group.label} items={group.items}>
                  <Combobox.GroupLabel className="px-2 pt-2 pb-1 text-xs text-muted">{group.label}</Combobox.GroupLabel>
                  <Combobox.Collection>
                    {(choice: RunSource) => (
                      <Combobox.Item
                        key={`${choice.kind}:${choice.id}`}
                        value={choice}
                        className="flex min-h-9 cursor-pointer items-center gap-2 rounded-md px-2 text-sm outline-hidden data-highlighted:bg-hover"
                      >
                        <span className="min-w-0 flex-1 truncate">{choice.name}</span>
                        <Combobox.ItemIndicator>
                          <Check aria-hidden className="size-4" />
                        </Combobox.ItemIndicator>
                      </Combobox.Item>
                    )}
                  </Combobox.Collection>
                </Combobox.Group>
              )}
            </Combobox.List>
          </Combobox.Popup>
        </Combobox.Positioner>
      </Combobox.Portal>
    </Combobox.Root>
  );
}
