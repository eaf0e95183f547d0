import { useDroppable } from '@dnd-kit/react';
import { useSortable } from '@dnd-kit/react/sortable';
import { ArrowDown, ArrowUp, GripVertical, X } from 'lucide-react';
import { useLayoutEffect, useRef, type KeyboardEvent } from 'react';
import { Button } from '#client/ui/button.tsx';
import { plural } from '#client/ui/format.ts';
import type { PickedTest } from './test-picker.tsx';

interface Order {
  onMove: (from: number, to: number) => void;
  onRemove: (index: number) => void;
}

/** The job's tests in order. `helpId` is the id of the text that explains dragging with the keyboard. */
export function ChosenTests({
  chosen,
  helpId,
  onMove,
  onRemove,
}: Order & { chosen: readonly PickedTest[]; helpId: string }) {
  const list = useRef<HTMLOListElement>(null);
  // Rows overlap the list and take precedence.
  const { ref, isDropTarget } = useDroppable({ id: 'chosen', accept: 'available', collisionPriority: 0 });
  const keys = keysOf(chosen);
  /** Gets the focus back after a move: an element that moves in the document loses it. */
  const focused = useRef<Element | null>(null);
  useLayoutEffect(() => {
    if (focused.current instanceof HTMLElement) focused.current.focus();
    focused.current = null;
  }, [chosen]);
  const move = (from: number, to: number) => {
    focused.current = document.activeElement;
    onMove(from, to);
  };
  return (
    <div
      ref={ref}
      className={`card flex max-h-96 min-h-36 flex-col overflow-hidden ${isDropTarget ? 'border-accent' : ''}`}
    >
      <p className="flex min-h-14 items-center border-b border-line px-4 text-sm font-medium">
        {chosen.length === 0 ? 'In this job' : `${plural(chosen.length, 'test')}, in this order`}
      </p>
      <div className="flex-1 overflow-auto">
        {chosen.length === 0 && (
          <p className="p-4 text-sm text-muted">Choose a test to add it to the job, or drag it here.</p>
        )}
        <ol ref={list} tabIndex={-1} aria-label="Tests of the job, in order" className="p-1 focus:outline-none">
          {chosen.map((test, index) => (
            <ChosenTest
              key={keys[index]}
              id={keys[index]!}
              test={test}
              index={index}
              isLast={index === chosen.length - 1}
              helpId={helpId}
              onMove={move}
              onRemove={() => {
                onRemove(index);
                // The focused button is removed with its row.
                list.current?.focus();
              }}
            />
          ))}
        </ol>
      </div>
    </div>
  );
}

function ChosenTest({
  id,
  test,
  index,
  isLast,
  helpId,
  onMove,
  onRemove,
}: {
  id: string;
  test: PickedTest;
  index: number;
  isLast: boolean;
  helpId: string;
  onMove: Order['onMove'];
  onRemove: () => void;
}) {
  const { ref, handleRef, isDragSource, isDropTarget } = useSortable({
    id,
    index,
    accept: ['chosen', 'available'],
    type: 'chosen',
  });
  const onKeyDown = (event: KeyboardEvent) => {
    if (!event.altKey || (event.key !== 'ArrowUp' && event.key !== 'ArrowDown')) return;
    event.preventDefault();
    onMove(index, event.key === 'ArrowUp' ? index - 1 : index + 1);
  };
  return (
    <li
      ref={ref}
      onKeyDown={onKeyDown}
      className={`flex min-h-10 items-center gap-1 rounded-md pr-1 text-sm ${isDragSource ? 'bg-raised shadow-lg' : isDropTarget ? 'shadow-[inset_0_2px_0_var(--color-accent)]' : 'hover:bg-hover'}`}
    >
      <button
        ref={handleRef}
        type="button"
        aria-label={`Drag ${test.name}`}
        aria-describedby={helpId}
        className="flex h-9 w-7 shrink-0 cursor-grab group-disabled/form:hidden touch-none items-center justify-center rounded-md text-muted hover:text-ink"
      >
        <GripVertical aria-hidden className="size-4" />
      </button>
      <span aria-hidden className="w-6 shrink-0 text-muted tabular-nums group-disabled/form:ml-2">
        {index + 1}
      </span>
      <span className="min-w-0 flex-1 truncate">{test.name}</span>
      <Button
        variant="ghost"
        size="icon"
        aria-label={`Move ${test.name} up`}
        aria-keyshortcuts="Alt+ArrowUp"
        aria-disabled={index === 0}
        onClick={() => onMove(index, index - 1)}
        className="group-disabled/form:hidden aria-disabled:opacity-40"
      >
        <ArrowUp aria-hidden className="size-4" />
      </Button>
      <Button
        variant="ghost"
        size="icon"
        aria-label={`Move ${test.name} down`}
        aria-keyshortcuts="Alt+ArrowDown"
        aria-disabled={isLast}
        onClick={() => onMove(index, index + 1)}
        className="group-disabled/form:hidden aria-disabled:opacity-40"
      >
        <ArrowDown aria-hidden className="size-4" />
      </Button>
      <Button
        variant="ghost"
        size="icon"
        aria-label={`Remove ${test.name}`}
        onClick={onRemove}
        className="group-disabled/form:hidden"
      >
        <X aria-hidden className="size-4" />
      </Button>
    </li>
  );
}

/** A key for each row: a job may contain a test more than once. */
function keysOf(tests: readonly PickedTest[]): string[] {
  const seen = new Map<string, number>();
  return tests.map(({ id }) => {
    const times = (seen.get(id) ?? 0) + 1;
    seen.set(id, times);
    return `${id}:${times}`;
  });
}
