import { keepPreviousData } from '@tanstack/react-query';
import { ArrowDown, ArrowUp, Plus, X } from 'lucide-react';
import { useRef, useState, type KeyboardEvent } from 'react';
import { api, errorText } from '#client/trpc.ts';
import { Button } from '#client/ui/button.tsx';
import { plural } from '#client/ui/format.ts';
import { LoadMore } from '#client/ui/load-more.tsx';
import { SearchBox } from '#client/ui/search-box.tsx';
import { ErrorState, Skeleton } from '#client/ui/states.tsx';

type Test = { id: string; name: string };

interface TestPickerProps {
  chosen: readonly Test[];
  error: string | undefined;
  onChange: (tests: readonly Test[]) => void;
}

/** Tests of a job in the order in which they run: add, remove, move by button or with Alt and the arrow keys. */
export function TestPicker({ chosen, error, onChange }: TestPickerProps) {
  const [announcement, setAnnouncement] = useState('');
  return (
    <fieldset aria-describedby={error ? 'test-picker-error' : undefined}>
      <legend className="mb-3 text-base font-semibold">Tests</legend>
      <div className="grid gap-4 md:grid-cols-2">
        <Available
          chosen={chosen}
          onAdd={(test) => {
            onChange([...chosen, test]);
            setAnnouncement(`${test.name} added as number ${chosen.length + 1}`);
          }}
        />
        <Chosen chosen={chosen} onChange={onChange} onAnnounce={setAnnouncement} />
      </div>
      {error && (
        <p id="test-picker-error" role="alert" className="mt-1.5 text-sm text-bad">
          The job {error}
        </p>
      )}
      <p role="status" className="sr-only">
        {announcement}
      </p>
    </fieldset>
  );
}

function Available({ chosen, onAdd }: { chosen: readonly Test[]; onAdd: (test: Test) => void }) {
  const [search, setSearch] = useState('');
  const query = api.tests.list.useInfiniteQuery(
    { search: search || undefined },
    { getNextPageParam: (page) => page.nextCursor, placeholderData: keepPreviousData },
  );
  const taken = new Set(chosen.map((test) => test.id));
  const tests = query.data?.pages.flatMap((page) => page.items).filter((test) => !taken.has(test.id)) ?? [];
  return (
    <div className="card flex max-h-80 min-h-36 flex-col overflow-hidden">
      <div className="border-b border-line p-2">
        <SearchBox label="Search tests to add" value={search} onSearch={setSearch} className="" />
      </div>
      <div className="flex-1 overflow-auto">
        {query.isPending ? (
          <Skeleton label="Loading tests" rows={4} />
        ) : query.isError ? (
          <ErrorState
            title="The tests could not be loaded"
            cause={errorText(query.error)}
            onRetry={() => void query.refetch()}
          />
        ) : tests.length === 0 ? (
          <p className="p-4 text-sm text-muted">
            {search
              ? 'No other test is named like this.'
              : taken.size > 0
                ? 'Every test is in the job.'
                : 'There is no test yet. Write one first.'}
          </p>
        ) : (
          <ul aria-label="Tests that can be added" className="p-1">
            {tests.map((test) => (
              <li key={test.id}>
                <button
                  type="button"
                  onClick={() => onAdd({ id: test.id, name: test.name })}
                  className="flex min-h-10 w-full items-center gap-2 rounded-md px-2.5 text-left text-sm hover:bg-hover focus-visible:-outline-offset-2"
                >
                  <Plus aria-hidden className="size-4 shrink-0 text-muted" />
                  <span className="truncate">
                    <span className="sr-only">Add </span>
                    {test.name}
                  </span>
                </button>
              </li>
            ))}
          </ul>
        )}
        <LoadMore pages={query} />
      </div>
    </div>
  );
}

function Chosen({
  chosen,
  onChange,
  onAnnounce,
}: Omit<TestPickerProps, 'error'> & { onAnnounce: (text: string) => void }) {
  const list = useRef<HTMLOListElement>(null);

  const move = (from: number, to: number) => {
    const test = chosen[from];
    if (!test || to < 0 || to >= chosen.length) return;
    const others = chosen.toSpliced(from, 1);
    onChange(others.toSpliced(to, 0, test));
    onAnnounce(`${test.name} is now number ${to + 1} of ${chosen.length}`);
  };
  const remove = (index: number) => {
    onChange(chosen.toSpliced(index, 1));
    onAnnounce(`${chosen[index]?.name} removed`);
    // The button that had the focus goes away with its row.
    list.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent, index: number) => {
    if (!event.altKey || (event.key !== 'ArrowUp' && event.key !== 'ArrowDown')) return;
    event.preventDefault();
    move(index, event.key === 'ArrowUp' ? index - 1 : index + 1);
  };

  return (
    <div className="card flex max-h-80 min-h-36 flex-col overflow-hidden">
      <p className="flex min-h-14 items-center border-b border-line px-4 text-sm font-medium">
        {chosen.length === 0 ? 'In this job' : `${plural(chosen.length, 'test')}, in this order`}
      </p>
      <div className="flex-1 overflow-auto">
        {chosen.length === 0 && <p className="p-4 text-sm text-muted">Choose a test to add it to the job.</p>}
        <ol ref={list} tabIndex={-1} aria-label="Tests of the job, in order" className="p-1 focus:outline-none">
          {chosen.map((test, index) => (
            <li
              // The key goes with the test: a moved row keeps its focus.
              key={test.id}
              onKeyDown={(event) => onKeyDown(event, index)}
              className="flex min-h-10 items-center gap-1 rounded-md pr-1 pl-2.5 text-sm hover:bg-hover"
            >
              <span aria-hidden className="w-6 shrink-0 text-muted tabular-nums">
                {index + 1}
              </span>
              <span className="min-w-0 flex-1 truncate">{test.name}</span>
              <Button
                variant="ghost"
                size="icon"
                aria-label={`Move ${test.name} up`}
                aria-keyshortcuts="Alt+ArrowUp"
                aria-disabled={index === 0}
                onClick={() => move(index, index - 1)}
                className="aria-disabled:opacity-40"
              >
                <ArrowUp aria-hidden className="size-4" />
              </Button>
              <Button
                variant="ghost"
                size="icon"
                aria-label={`Move ${test.name} down`}
                aria-keyshortcuts="Alt+ArrowDown"
                aria-disabled={index === chosen.length - 1}
                onClick={() => move(index, index + 1)}
                className="aria-disabled:opacity-40"
              >
                <ArrowDown aria-hidden className="size-4" />
              </Button>
              <Button variant="ghost" size="icon" aria-label={`Remove ${test.name}`} onClick={() => remove(index)}>
                <X aria-hidden className="size-4" />
              </Button>
            </li>
          ))}
        </ol>
      </div>
    </div>
  );
}
