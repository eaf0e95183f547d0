import { useVirtualizer } from '@tanstack/react-virtual';
import { ArrowUp } from 'lucide-react';
import { useCallback, useEffect, useId, useMemo, useRef, useState } from 'react';
import { Button } from '#client/ui/button.tsx';
import { plural } from '#client/ui/format.ts';
import { isFailureKind, kindOf } from '#client/runs/case-data/case-kind.ts';
import type { CaseList } from '#client/runs/case-data/case-list.ts';
import { type CaseRow, caseRows, type RowOptions } from '#client/runs/case-data/case-rows.ts';
import type { Grouping } from '#client/runs/case-data/list-options.ts';
import type { CaseFilter } from '#client/runs/case-data/case-search.ts';
import type { RunCases } from '#client/runs/case-data/run-cases.ts';
import { CaseRowView, HeadingRow, rowHeight } from './case-row.tsx';
import { useHeld } from './use-held.ts';
import { useStrips } from './use-strips.ts';
import { useTreeKeys } from './use-tree-keys.ts';

/** Lists of up to this many cases are open from the start. */
const smallList = 60;

export interface CaseTreeProps {
  runId: string;
  cases: RunCases;
  list: CaseList;
  live: boolean;
  grouping: Grouping;
  filter: CaseFilter | undefined;
  errors: RowOptions['errors'];
  /** Index of the chosen case. */
  chosen: number | undefined;
  onChoose: (index: number) => void;
  /** The address of a case. Without it, rows are no links. */
  addressOf?: (index: number) => string;
  /** Keys work wherever the focus is, not only in the list. */
  wholePage?: boolean;
}

/**
 * The cases of a run as a tree. Only the rows on screen are in the document. While the pointer is on the list of a live run,
 * rows change where they are and none comes or goes; a button says what is new.
 */
export function CaseTree({ runId, cases, list, live, filter, grouping, errors, chosen, ...rest }: CaseTreeProps) {
  const { onChoose, addressOf, wholePage = false } = rest;
  const treeId = useId();
  const box = useRef<HTMLDivElement>(null);
  const [isPointed, setPointed] = useState(false);
  const [isScrolled, setScrolled] = useState(false);
  const [folds, setFolds] = useState<ReadonlyMap<string, boolean>>(new Map());
  const held = useHeld(cases, live && cases.version > 0 && (isPointed || isScrolled));
  const placed = held.value;

  const isSmall = cases.total <= smallList;
  const rows = useMemo(() => {
    const openByDefault = (of: string, indexes: readonly number[]) =>
      isSmall || filter !== undefined || of === 'error' || (!live && of === 'file' && hasFailure(placed, indexes));
    return caseRows(list, placed, { grouping, filter, folds, live, errors, openByDefault });
  }, [list, placed, grouping, filter, folds, live, errors, isSmall]);

  // The rule is for the React compiler, which this project does not use.
  // oxlint-disable-next-line react/incompatible-library
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => rowHeight,
    overscan: 12,
    paddingEnd: 8,
    paddingStart: 4,
  });
  const shown = virtual.getVirtualItems();
  const strips = useStrips(
    runId,
    shown.flatMap(({ index }) => caseIndexOf(rows[index])),
  );

  const toggle = useCallback((key: string, open: boolean) => setFolds((known) => new Map(known).set(key, open)), []);
  const scrollTo = useCallback((row: number) => virtual.scrollToIndex(row, { align: 'auto' }), [virtual]);
  const { activeKey, setActiveKey } = useTreeKeys({
    box,
    rows,
    states: cases.states,
    chosen,
    wholePage,
    onToggle: toggle,
    onChoose,
    scrollTo,
    onOpen: (index) => setFolds((known) => withOpened(known, list, index)),
  });
  // The chosen case of the address comes into view once its row is there.
  const isHere = chosen !== undefined && list.cases[chosen] !== undefined;
  const awaited = useRef<number>(undefined);
  useEffect(() => {
    awaited.current = isHere ? chosen : undefined;
    if (isHere && !rows.some((row) => isRowOf(row, chosen))) setFolds((known) => withOpened(known, list, chosen));
    // Once: what changes later must not move the reader.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [chosen, isHere]);
  useEffect(() => {
    const at = awaited.current === undefined ? -1 : rows.findIndex((row) => isRowOf(row, awaited.current));
    if (at < 0) return;
    awaited.current = undefined;
    scrollTo(at);
  }, [rows, scrollTo, chosen, isHere]);

  const news = cases.counts.failed - held.value.counts.failed;
  const showProject = list.projects.filter(Boolean).length > 1;
  const activeRow = rows.findIndex(({ key }) => key === activeKey);
  return (
    <div className="relative min-h-0 flex-1">
      <div
        ref={box}
        role="tree"
        aria-label="Tests"
        tabIndex={0}
        aria-activedescendant={shown.some(({ index }) => index === activeRow) ? `${treeId}${activeRow}` : undefined}
        onPointerEnter={({ pointerType }) => setPointed(pointerType === 'mouse')}
        onPointerLeave={() => setPointed(false)}
        onScroll={(event) => setScrolled(event.currentTarget.scrollTop > 0)}
        className="group h-full overflow-y-auto [overflow-anchor:none] focus-visible:outline-none"
      >
        {rows.length === 0 ? (
          <p role="treeitem" aria-selected={false} className="px-4 py-6 text-sm text-muted">
            {filter ? 'No test matches.' : 'No tests yet.'}
          </p>
        ) : (
          <div role="presentation" className="relative" style={{ height: virtual.getTotalSize() }}>
            {shown.map(({ index, start }) => {
              const row = rows[index];
              if (!row) return null;
              const id = `${treeId}${index}`;
              if (row.type === 'heading') {
                return (
                  <HeadingRow
                    key={row.key}
                    row={row}
                    id={id}
                    top={start}
                    active={index === activeRow}
                    failed={failures(cases, row.indexes)}
                    onToggle={(key, open) => {
                      setActiveKey(key);
                      toggle(key, open);
                    }}
                  />
                );
              }
              const info = list.cases[row.index];
              return (
                info && (
                  <CaseRowView
                    key={row.key}
                    row={row}
                    id={id}
                    top={start}
                    active={index === activeRow}
                    info={info}
                    state={cases.states[row.index]}
                    strip={strips.get(row.index) ?? undefined}
                    chosen={row.index === chosen}
                    showProject={showProject}
                    address={addressOf?.(row.index)}
                    onChoose={onChoose}
                  />
                )
              );
            })}
          </div>
        )}
      </div>
      {news > 0 && (
        <Button
          variant="primary"
          size="sm"
          className="absolute top-2 left-1/2 -translate-x-1/2 rounded-full shadow-lg"
          onClick={() => {
            held.release();
            box.current?.scrollTo({ top: 0 });
          }}
        >
          <ArrowUp aria-hidden className="size-4" /> {plural(news, 'new failure')}
        </Button>
      )}
    </div>
  );
}

const isRowOf = (row: CaseRow, index: number | undefined) => row.type === 'case' && row.index === index;

const caseIndexOf = (row: CaseRow | undefined) => (row?.type === 'case' ? row.index : []);

const failures = ({ states }: RunCases, indexes: readonly number[]) =>
  indexes.reduce((sum, index) => sum + (kindOf(states[index]) === 'failed' ? 1 : 0), 0);

const hasFailure = ({ states }: RunCases, indexes: readonly number[]) =>
  indexes.some((index) => isFailureKind(kindOf(states[index])));

/** Opens the file of a case. Its `describe` blocks are open unless the reader has folded them. */
function withOpened(folds: ReadonlyMap<string, boolean>, list: CaseList, index: number): ReadonlyMap<string, boolean> {
  const info = list.cases[index];
  if (!info) return folds;
  return new Map(folds).set(`file:${info.file}`, true).set(`shard:${info.part}`, true);
}
