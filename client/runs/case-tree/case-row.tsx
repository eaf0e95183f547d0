import { ChevronRight } from 'lucide-react';
import { memo } from 'react';
import { formatDuration } from '#client/ui/format.ts';
import type { CaseState } from '#shared/run-cases.ts';
import type { CaseInfo } from '#client/runs/case-data/case-list.ts';
import { kindOf } from '#client/runs/case-data/case-kind.ts';
import type { CaseRow } from '#client/runs/case-data/case-rows.ts';
import { CaseIcon } from '#client/runs/status/case-icon.tsx';
import { caseKindLook } from '#client/runs/status/case-kind-look.ts';
import { differenceText } from './difference-text.ts';
import type { CaseStrip } from './use-strips.ts';
import { VerdictDots } from './verdict-dots.tsx';

/** Height of a row, in px; `h-7` in its classes. */
export const rowHeight = 28;

interface RowProps<Row> {
  row: Row;
  id: string;
  /** The keys are at this row. */
  active: boolean;
}

const rowClass = (active: boolean, chosen: boolean) =>
  `absolute inset-x-0 flex h-7 items-center gap-1.5 pr-2 text-sm text-left ${chosen ? 'bg-chosen' : 'hover:bg-hover'} ${active ? 'outline-2 -outline-offset-2 outline-accent/0 group-focus-visible:outline-accent' : ''}`;

const indent = (level: number) => `${0.25 + (level - 1) * 0.875}rem`;

/** A file, a `describe` block or another heading, with the number of its cases and of those that failed. */
export const HeadingRow = memo(function HeadingRow({
  row,
  id,
  active,
  failed,
  top,
  onToggle,
}: RowProps<Extract<CaseRow, { type: 'heading' }>> & {
  failed: number;
  top: number;
  onToggle: (key: string, open: boolean) => void;
}) {
  const { label, open, of, level, indexes } = row;
  const isPath = of === 'file' && label.includes('/');
  const slash = label.lastIndexOf('/') + 1;
  return (
    <div
      role="treeitem"
      id={id}
      aria-level={level}
      aria-expanded={open}
      aria-selected={false}
      className={rowClass(active, false)}
      style={{ top, paddingLeft: indent(level) }}
      onClick={() => onToggle(row.key, !open)}
    >
      <ChevronRight
        aria-hidden
        className={`size-4 shrink-0 text-muted transition-transform ${open ? 'rotate-90' : ''}`}
      />
      <span className={`min-w-0 flex-1 truncate ${of === 'describe' ? '' : 'font-medium'}`} title={label}>
        {isPath ? (
          <>
            <span className="font-normal text-muted">{label.slice(0, slash)}</span>
            {label.slice(slash)}
          </>
        ) : (
          label
        )}
      </span>
      <span className="shrink-0 text-xs text-muted tabular-nums">
        {failed > 0 && of !== 'pinned' && of !== 'error' ? (
          <>
            <span className="font-medium text-bad">{failed}</span> of {indexes.length} failed
          </>
        ) : (
          indexes.length.toLocaleString()
        )}
      </span>
    </div>
  );
});

/** A case: state, title, attempts, duration with the difference from its median, and its last results. */
export const CaseRowView = memo(function CaseRowView({
  row,
  id,
  active,
  info,
  state,
  strip,
  chosen,
  showProject,
  top,
  address,
  onChoose,
}: RowProps<Extract<CaseRow, { type: 'case' }>> & {
  info: CaseInfo;
  state: CaseState | undefined;
  strip: CaseStrip | undefined;
  chosen: boolean;
  showProject: boolean;
  top: number;
  address: string | undefined;
  onChoose: (index: number) => void;
}) {
  const kind = kindOf(state);
  const duration = state?.[3] ?? null;
  const attempts = (state?.[2] ?? 0) + 1;
  const difference = differenceText(duration, strip?.medianDuration);
  const Tag = address === undefined ? 'div' : 'a';
  return (
    <Tag
      role="treeitem"
      id={id}
      aria-level={row.level}
      aria-selected={chosen}
      {...(address !== undefined && { href: address, tabIndex: -1 })}
      className={rowClass(active, chosen)}
      style={{ top, paddingLeft: `calc(${indent(row.level)} + 0.25rem)` }}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey) return;
        event.preventDefault();
        onChoose(row.index);
      }}
    >
      <CaseIcon kind={kind} />
      <span className="min-w-0 flex-1 truncate" title={row.context ? `${row.context} › ${info.title}` : info.title}>
        <bdi>{info.title}</bdi>
        {row.context && <bdi className="ml-2 text-xs text-muted">{row.context}</bdi>}
      </span>
      {showProject && info.project && (
        <span className="max-w-16 shrink-0 truncate text-xs text-muted max-[30rem]:hidden" title={info.project}>
          {info.project}
        </span>
      )}
      {attempts > 1 && <AttemptDots attempts={attempts} kind={kind} />}
      <span className="min-w-14 shrink-0 text-right text-xs text-muted tabular-nums">
        {difference && (
          <span
            title={`${difference} than its median of ${formatDuration(strip?.medianDuration ?? 0)}`}
            className={`mr-1.5 max-[30rem]:hidden ${difference.startsWith('+') ? 'text-warn' : 'text-good'}`}
          >
            {difference}
          </span>
        )}
        {duration !== null && formatDuration(duration)}
      </span>
      <span className="w-12.5 shrink-0">{strip && <VerdictDots kinds={strip.kinds} />}</span>
    </Tag>
  );
});

/** One dot for each attempt, the last in the colour of the result. */
function AttemptDots({ attempts, kind }: { attempts: number; kind: ReturnType<typeof kindOf> }) {
  return (
    <span
      role="img"
      aria-label={`${attempts} attempts`}
      title={`${attempts} attempts`}
      className="flex shrink-0 gap-0.5"
    >
      {Array.from({ length: Math.min(attempts, 5) }, (_, attempt) => {
        const isLast = attempt === Math.min(attempts, 5) - 1;
        const bar = !isLast ? 'bg-bad' : kind === 'flaky' ? 'bg-good' : caseKindLook[kind].bar;
        return <span key={attempt} className={`size-1.5 rounded-full ${bar}`} />;
      })}
    </span>
  );
}
