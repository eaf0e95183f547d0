import { Accessibility, type DragEndEvent, type DragStartEvent, Feedback } from '@dnd-kit/dom';
import { isSortable } from '@dnd-kit/dom/sortable';
import { DragDropProvider } from '@dnd-kit/react';
import { useId, useState } from 'react';
import { AvailableTests } from './available-tests.tsx';
import { ChosenTests } from './chosen-tests.tsx';

export type PickedTest = { id: string; name: string };

interface TestPickerProps {
  chosen: readonly PickedTest[];
  error: string | undefined;
  onChange: (tests: readonly PickedTest[]) => void;
}

/**
 * The tests of a job in the order in which they run. The user finds tests by search, adds them by click, Enter or drag, and
 * moves them by drag, buttons, or Alt with the arrow keys. Loaded lazily because of the drag-and-drop library.
 */
export default function TestPicker({ chosen, error, onChange }: TestPickerProps) {
  const [announcement, setAnnouncement] = useState('');
  const helpId = useId();
  const errorId = useId();

  const add = (test: PickedTest, at = chosen.length) => {
    onChange(chosen.toSpliced(at, 0, test));
    setAnnouncement(`${test.name} added as number ${at + 1}`);
  };
  const move = (from: number, to: number) => {
    const test = chosen[from];
    if (!test || to < 0 || to >= chosen.length || from === to) return;
    onChange(chosen.toSpliced(from, 1).toSpliced(to, 0, test));
    setAnnouncement(`${test.name} is now number ${to + 1} of ${chosen.length}`);
  };
  const remove = (index: number) => {
    onChange(chosen.toSpliced(index, 1));
    setAnnouncement(`${chosen[index]?.name} removed`);
  };

  const onDragStart = ({ operation: { source } }: DragStartEvent) => {
    if (!isSortable(source)) return;
    setAnnouncement(
      `${chosen[source.index]?.name} picked up. Arrow keys move it, Space drops it, Escape puts it back.`,
    );
  };
  const onDragEnd = ({ operation: { source, target }, canceled }: DragEndEvent) => {
    if (isSortable(source)) {
      if (canceled) setAnnouncement('Put back');
      else move(source.initialIndex, source.index);
    } else if (source && target && !canceled) {
      add(source.data['test'] as PickedTest, isSortable(target) ? target.index : chosen.length);
    }
  };

  return (
    <fieldset data-invalid={error ? true : undefined} aria-describedby={error ? errorId : undefined}>
      <legend className="mb-3 text-base font-semibold">Tests</legend>
      {error && (
        <p id={errorId} role="alert" className="mb-3 text-sm text-bad">
          The job {error}
        </p>
      )}
      <DragDropProvider
        // The default announcements name ids, and the default hints are wrong for tests that only a pointer drags.
        plugins={(plugins) => [
          ...plugins.filter((plugin) => plugin !== Accessibility && plugin !== Feedback),
          // Without the animation, a dropped test can be picked up again at once.
          Feedback.configure({ dropAnimation: null }),
        ]}
        onDragStart={onDragStart}
        onDragEnd={onDragEnd}
      >
        <div className="@container">
          <div className="grid gap-4 @2xl:grid-cols-2">
            <AvailableTests chosen={chosen} onAdd={add} />
            <ChosenTests chosen={chosen} helpId={helpId} onMove={move} onRemove={remove} />
          </div>
        </div>
      </DragDropProvider>
      <p id={helpId} hidden>
        Space picks the test up. Then arrow keys move it, Space drops it and Escape puts it back.
      </p>
      <p role="status" className="sr-only">
        {announcement}
      </p>
    </fieldset>
  );
}
