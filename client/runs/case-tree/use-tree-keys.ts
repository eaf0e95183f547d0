import { type RefObject, useEffect, useEffectEvent, useState } from 'react';
import { kindOf } from '#client/runs/case-data/case-kind.ts';
import type { CaseRow } from '#client/runs/case-data/case-rows.ts';
import type { RunCases } from '#client/runs/case-data/run-cases.ts';

interface TreeKeys {
  box: RefObject<HTMLDivElement | null>;
  rows: readonly CaseRow[];
  states: RunCases['states'];
  chosen: number | undefined;
  /** j, k and f work wherever the focus is, unless a text is being typed. */
  wholePage: boolean;
  onToggle: (key: string, open: boolean) => void;
  onChoose: (index: number) => void;
  /** Unfolds what is around a case. */
  onOpen: (index: number) => void;
  scrollTo: (row: number) => void;
}

/**
 * Keys of the list of cases: j and k or the arrows go down and up, right and left unfold and fold, Enter chooses, f chooses the
 * next failed case. `activeKey`: the row at which the keys are.
 */
export function useTreeKeys({ box, rows, states, chosen, wholePage, ...on }: TreeKeys) {
  const [activeKey, setActiveKey] = useState<string | null>(null);
  const known = rows.findIndex(({ key }) => key === activeKey);
  const active = known >= 0 ? known : rows.findIndex((row) => row.type === 'case' && row.index === chosen);

  const goTo = (place: number) => {
    const row = rows[Math.max(0, Math.min(rows.length - 1, place))];
    if (!row) return;
    setActiveKey(row.key);
    on.scrollTo(rows.indexOf(row));
  };
  const goToFailure = () => {
    const from = active >= 0 ? caseOf(rows[active]) : chosen;
    const next = nextFailure(states, from ?? -1);
    if (next === undefined) return;
    on.onOpen(next);
    on.onChoose(next);
    const at = rows.findIndex((row) => row.type === 'case' && row.index === next);
    setActiveKey(rows[at]?.key ?? String(next));
    if (at >= 0) on.scrollTo(at);
  };
  const goToParent = (place: number) => {
    const level = rows[place]?.level ?? 1;
    const parent = rows.findLastIndex((row, at) => at < place && row.level < level);
    if (parent >= 0) goTo(parent);
  };
  const open = () => {
    const row = rows[active];
    if (row?.type === 'case') on.onChoose(row.index);
    else if (row) on.onToggle(row.key, !row.open);
  };
  const unfold = (wanted: boolean) => {
    const row = rows[active];
    if (row?.type === 'heading' && row.open !== wanted) on.onToggle(row.key, wanted);
    else if (wanted) goTo(active + 1);
    else goToParent(active);
  };

  const actionOf = (key: string, isInList: boolean): (() => void) | undefined => {
    if (key === 'j') return () => goTo(active + 1);
    if (key === 'k') return () => goTo(Math.max(0, active - 1));
    if (key === 'f') return goToFailure;
    // Elsewhere, Enter belongs to the button or link that has the focus.
    if (key === 'Enter' && (isInList || document.activeElement === document.body)) return open;
    if (!isInList) return undefined;
    switch (key) {
      case 'ArrowDown':
        return () => goTo(active + 1);
      case 'ArrowUp':
        return () => goTo(Math.max(0, active - 1));
      case 'ArrowRight':
        return () => unfold(true);
      case 'ArrowLeft':
        return () => unfold(false);
      case 'Home':
        return () => goTo(0);
      case 'End':
        return () => goTo(rows.length - 1);
      case ' ':
        return open;
      default:
        return undefined;
    }
  };
  const onKeyDown = useEffectEvent((event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const isInList = box.current?.contains(event.target as Node) === true;
    if (!isInList && (!wholePage || isTaken(event.target))) return;
    const act = actionOf(event.key, isInList);
    if (!act) return;
    event.preventDefault();
    act();
  });
  useEffect(() => {
    const listener = (event: KeyboardEvent) => onKeyDown(event);
    window.addEventListener('keydown', listener);
    return () => window.removeEventListener('keydown', listener);
  }, []);

  return { activeKey: rows[active]?.key ?? null, setActiveKey };
}

const caseOf = (row: CaseRow | undefined) => (row?.type === 'case' ? row.index : row?.indexes[0] && row.indexes[0] - 1);

/** The failed case after this one, or the first one. */
function nextFailure(states: RunCases['states'], after: number): number | undefined {
  const failed = states.flatMap((state, index) => (kindOf(state) === 'failed' ? index : []));
  return failed.find((index) => index > after) ?? failed[0];
}

/** Whether keys belong to what has the focus: a text field, the log, a dialog. */
function isTaken(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return (
    target.isContentEditable || target.closest('input, textarea, select, dialog, [role=dialog], [role=menu]') !== null
  );
}
