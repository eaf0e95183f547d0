import { ChevronRight } from 'lucide-react';
import { useMemo, useState } from 'react';
import { useNow } from '#client/ui/use-now.ts';
import { isTerminal } from '#shared/run-status.ts';
import type { CaseList } from '#client/runs/case-data/case-list.ts';
import { countKinds, kindOf } from '#client/runs/case-data/case-kind.ts';
import { type RunCases, statesOfPart } from '#client/runs/case-data/run-cases.ts';
import { barsOf, type Lane, type LaneBars } from './lane-bars.ts';
import { troubleOf } from './part-text.ts';
import { useCaseTimes } from './use-case-times.ts';

/** The parts of a run side by side on one axis of time: where each is, and where its failures are. A click lists its cases. */
export default function ShardLanes({
  runId,
  queuedAt,
  expectedDuration,
  cases,
  list,
  live,
  chosen,
  onChoose,
}: {
  runId: string;
  queuedAt: string;
  /** Of the whole run, in ms. */
  expectedDuration: number | null;
  cases: RunCases;
  list: CaseList;
  live: boolean;
  /** The part that the list of cases shows; undefined: all parts. */
  chosen: number | undefined;
  onChoose: (part: number | undefined) => void;
}) {
  const [open, setOpen] = useState(true);
  const { data } = useCaseTimes(runId, live);
  const now = useNow(live ? 1_000 : 60_000);
  const { parts, states } = cases;
  const since = Date.parse(queuedAt);
  const lanes: Lane[] = parts.map((part) => ({
    part,
    begin: part.startedAt ? Date.parse(part.startedAt) - since : null,
    end: part.completedAt ? Date.parse(part.completedAt) - since : null,
  }));
  const first = Math.min(...lanes.flatMap(({ begin }) => begin ?? []), Infinity);
  const expectedEnd = live && expectedDuration !== null && first !== Infinity ? first + expectedDuration : null;
  const last = Math.max(...lanes.map(({ end }) => end ?? (live ? now - since : 0)), expectedEnd ?? 0, first + 1_000);
  const bars = useMemo(
    () => barsOf(parts, states, data?.items ?? [], { first, last: Math.ceil(last / 1_000) * 1_000 }),
    // While it is live the axis grows each second; bars are drawn again with it.
    [parts, states, data, first, last],
  );
  const width = (time: number) => `${Math.max(0, Math.min(100, (100 * (time - first)) / (last - first)))}%`;
  return (
    <section aria-label="Shards" className="text-sm">
      <button
        type="button"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
        className="flex min-h-6 items-center gap-1 text-xs text-muted hover:text-ink"
      >
        <ChevronRight aria-hidden className={`size-3.5 ${open ? 'rotate-90' : ''}`} /> {parts.length} shards
      </button>
      {open && (
        <ul className="max-h-36 overflow-y-auto">
          {lanes.map((lane, place) => (
            <LaneRow
              key={lane.part.part}
              lane={lane}
              bars={bars[place]!}
              cases={cases}
              list={list}
              now={now}
              since={since}
              live={live}
              width={width}
              expectedEnd={expectedEnd}
              isChosen={chosen === lane.part.part}
              onChoose={onChoose}
            />
          ))}
        </ul>
      )}
    </section>
  );
}

function LaneRow({
  lane: { part, begin, end },
  bars,
  cases,
  list,
  now,
  since,
  live,
  width,
  expectedEnd,
  isChosen,
  onChoose,
}: {
  lane: Lane;
  bars: LaneBars;
  cases: RunCases;
  list: CaseList;
  now: number;
  /** When the run was queued, in epoch ms. */
  since: number;
  live: boolean;
  width: (time: number) => string;
  expectedEnd: number | null;
  isChosen: boolean;
  onChoose: (part: number | undefined) => void;
}) {
  const own = statesOfPart(cases.states, part);
  const counts = countKinds(own);
  const done = part.total - counts.running - counts.waiting;
  const goesOn = live && !isTerminal(part.status);
  const running = own.find((state) => state && kindOf(state) === 'running');
  const trouble = troubleOf(part, live, now);
  const isWaiting = live && part.status === 'queued';
  const until = end ?? (goesOn ? now - since : begin);
  return (
    <li>
      <button
        type="button"
        aria-pressed={isChosen}
        onClick={() => onChoose(isChosen ? undefined : part.part)}
        className={`flex h-6 w-full items-center gap-2 rounded-sm px-1 text-left text-xs focus-visible:-outline-offset-2 ${isChosen ? 'bg-chosen' : trouble ? 'bg-warn-tint' : 'hover:bg-hover'}`}
      >
        <span className="w-4 shrink-0 text-right tabular-nums">{part.part + 1}</span>
        <span className="w-28 shrink-0 truncate text-muted max-sm:hidden" title={part.executor ?? undefined}>
          {part.executor}
        </span>
        <span className="w-20 shrink-0 text-right tabular-nums">
          {part.casesHash === null && part.total === 0
            ? '–'
            : `${done.toLocaleString()}/${part.total.toLocaleString()}`}
        </span>
        <span className="w-16 shrink-0 text-bad tabular-nums max-sm:w-6">
          {counts.failed > 0 && (
            <>
              {counts.failed.toLocaleString()} <span className="max-sm:sr-only">failed</span>
            </>
          )}
        </span>
        <span
          className={`relative h-3 min-w-0 flex-1 overflow-hidden rounded-xs ${trouble ? 'bg-warn-line' : 'bg-line/60'}`}
        >
          {begin !== null && (
            <span
              className="absolute inset-y-0 bg-good-tint"
              style={{
                left: width(begin),
                right: `calc(100% - ${width(until ?? begin)})`,
              }}
            />
          )}
          <svg aria-hidden viewBox="0 0 1000 12" preserveAspectRatio="none" className="absolute inset-0 size-full">
            <path d={bars.other} className="fill-good" />
            <path d={bars.flaky} className="fill-warn" />
            <path d={bars.failed} className="fill-bad" />
          </svg>
          {expectedEnd !== null && (
            <span
              title="Expected end"
              className="absolute inset-y-0 w-0.5 bg-ink"
              style={{ left: `calc(${width(expectedEnd)} - 2px)` }}
            />
          )}
        </span>
        {(live || trouble) && (
          <span className={`w-52 shrink-0 truncate max-lg:hidden ${trouble ? 'font-medium text-warn' : 'text-muted'}`}>
            {trouble ?? (isWaiting ? 'Waiting' : goesOn && running ? list.cases[running[0]]?.title : null)}
          </span>
        )}
      </button>
    </li>
  );
}
