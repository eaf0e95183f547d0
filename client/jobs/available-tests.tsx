import { Feedback, PointerSensor } from '@dnd-kit/dom';
import { useDraggable } from '@dnd-kit/react';
import { keepPreviousData } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useEffect, useEffectEvent, useLayoutEffect, useRef, useState, type KeyboardEvent } from 'react';
import { Loaded } from '#client/query/loaded.tsx';
import { api } from '#client/query/trpc.ts';
import { LoadMore } from '#client/ui/load-more.tsx';
import { SearchBox } from '#client/ui/search-box.tsx';
import type { PickedTest } from './test-picker.tsx';

/** Tests that are not in the job yet. Enter in the search adds the first match; arrow keys go through the list. */
export function AvailableTests({
  chosen,
  onAdd,
}: {
  chosen: readonly PickedTest[];
  onAdd: (test: PickedTest) => void;
}) {
  const box = useRef<HTMLDivElement>(null);
  const [search, setSearch] = useState('');
  /** The text of the search when Enter was pressed; its result may not be there yet. */
  const wanted = useRef<string | null>(null);
  /** The index that gets the focus after the test there has left the list. */
  const focusNext = useRef<number | null>(null);
  const query = api.tests.list.useInfiniteQuery(
    { search: search || undefined },
    { getNextPageParam: (page) => page.nextCursor, placeholderData: keepPreviousData },
  );
  const taken = new Set(chosen.map((test) => test.id));
  const tests = query.data?.pages.flatMap((page) => page.items).filter((test) => !taken.has(test.id)) ?? [];
  const [first] = tests;

  const input = () => box.current?.querySelector('input');
  const buttons = () => [...(box.current?.querySelectorAll<HTMLElement>('li button') ?? [])];

  const settled = query.isSuccess && !query.isPlaceholderData;
  const addWanted = () => {
    if (!settled || wanted.current !== search) return;
    wanted.current = null;
    if (!first) return;
    onAdd({ id: first.id, name: first.name });
    input()?.select();
  };
  const onResult = useEffectEvent(addWanted);
  useEffect(() => onResult(), [settled, search]);

  useLayoutEffect(() => {
    const place = focusNext.current;
    if (place === null) return;
    focusNext.current = null;
    const present = buttons();
    (present[Math.min(place, present.length - 1)] ?? input())?.focus();
  }, [chosen]);

  const onKeyDown = (event: KeyboardEvent) => {
    const present = buttons();
    const place = present.indexOf(event.target as HTMLElement);
    const isSearch = event.target === input();
    if (event.key === 'Enter' && isSearch) {
      event.preventDefault();
      wanted.current = input()?.value ?? '';
      addWanted();
    } else if (event.key === 'ArrowDown' && (isSearch || place >= 0)) {
      event.preventDefault();
      present[place + 1]?.focus();
    } else if (event.key === 'ArrowUp' && place >= 0) {
      event.preventDefault();
      (present[place - 1] ?? input())?.focus();
    }
  };

  return (
    <div
      ref={box}
      onKeyDown={onKeyDown}
      className="card flex max-h-96 min-h-36 flex-col overflow-hidden group-disabled/form:hidden"
    >
      <div className="border-b border-line p-2">
        <SearchBox label="Search tests to add" value={search} onSearch={setSearch} className="" />
      </div>
      <div className="flex-1 overflow-auto">
        <Loaded query={query} what="tests" rows={4}>
          {() =>
            tests.length === 0 ? (
              <p className="p-4 text-sm text-muted">
                {search
                  ? 'No other test matches.'
                  : taken.size > 0
                    ? 'Every test is in the job.'
                    : 'There are no tests yet. Write one first.'}
              </p>
            ) : (
              <ul aria-label="Tests that can be added" className="p-1">
                {tests.map((test, index) => (
                  <li key={test.id}>
                    <AvailableTest
                      test={test}
                      onAdd={() => {
                        focusNext.current = index;
                        onAdd({ id: test.id, name: test.name });
                      }}
                    />
                  </li>
                ))}
              </ul>
            )
          }
        </Loaded>
        <LoadMore pages={query} />
      </div>
    </div>
  );
}

function AvailableTest({ test, onAdd }: { test: PickedTest; onAdd: () => void }) {
  const { ref } = useDraggable({
    id: `available:${test.id}`,
    type: 'available',
    data: { test: { id: test.id, name: test.name } satisfies PickedTest },
    // With the keyboard, Enter adds the test.
    sensors: [PointerSensor],
    plugins: [Feedback.configure({ feedback: 'clone', dropAnimation: null })],
  });
  return (
    <button
      ref={ref}
      type="button"
      onClick={onAdd}
      className="flex min-h-10 w-full items-center gap-2 rounded-md px-2.5 text-left text-sm hover:bg-hover focus-visible:-outline-offset-2 data-dnd-dragging:bg-raised data-dnd-dragging:shadow-lg"
    >
      <Plus aria-hidden className="size-4 shrink-0 text-muted" />
      <span className="truncate">
        <span className="sr-only">Add </span>
        {test.name}
      </span>
    </button>
  );
}
