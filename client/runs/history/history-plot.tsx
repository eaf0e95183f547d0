import 'uplot/dist/uPlot.min.css';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useEffectEvent, useRef, useState } from 'react';
import uPlot from 'uplot';
import { formatDuration, formatTime } from '#client/ui/format.ts';
import type { Verdict } from '#shared/events.ts';
import { isFailure, isSuccess } from '#shared/run-status.ts';
import { type ShownVerdict, verdictLabel } from './verdict-label.ts';
import { rollingPassRate } from './verdicts.ts';

const height = 190;
/** The pass rate at a run is that of this many runs up to it. */
const rateWindow = 10;

/** Duration of each run as a bar and the pass rate up to it as a line, oldest first. Loaded lazily. */
export default function HistoryPlot({ verdicts }: { verdicts: readonly ShownVerdict[] }) {
  const parent = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(null);
  const navigate = useNavigate();
  const [pointed, setPointed] = useState<number | null>(null);
  const points = verdicts.toReversed();

  const open = useEffectEvent(() => {
    const verdict = points[pointed ?? -1];
    if (verdict) void navigate({ to: '/runs/$runId', params: { runId: verdict.runId } });
  });
  const label = useEffectEvent((index: number) => {
    const verdict = points[index];
    return verdict ? shortTime(verdict.startedAt ?? verdict.queuedAt) : '';
  });
  const data = useEffectEvent(() => dataOf(points));

  useEffect(() => {
    const element = parent.current;
    if (!element) return;
    const created = new uPlot(options(element, { label, onPoint: setPointed }), data(), element);
    plot.current = created;
    created.over.addEventListener('click', open);
    const resized = new ResizeObserver(() => created.setSize({ width: element.clientWidth, height }));
    resized.observe(element);
    const redraw = () => created.redraw(false);
    const themed = new MutationObserver(redraw);
    themed.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme', 'style', 'class'] });
    const system = matchMedia('(prefers-color-scheme: dark)');
    system.addEventListener('change', redraw);
    return () => {
      resized.disconnect();
      themed.disconnect();
      system.removeEventListener('change', redraw);
      created.destroy();
    };
  }, []);

  useEffect(() => plot.current?.setData(data()), [verdicts]);

  const verdict = pointed === null ? undefined : points[pointed];
  return (
    <div aria-hidden>
      <div ref={parent} className="[&_.u-over]:cursor-pointer" style={{ height }} />
      <p className="mt-1 flex min-h-5 flex-wrap gap-x-4 text-[0.8125rem] text-muted">
        {verdict ? (
          <span className="text-ink">
            {verdictLabel(verdict)}
            {verdict.duration !== null && ` in ${formatDuration(verdict.duration)}`},{' '}
            {formatTime(verdict.startedAt ?? verdict.queuedAt)}
          </span>
        ) : (
          <>
            <Key className="bg-good">Passed</Key>
            <Key className="bg-bad">× Failed</Key>
            <Key className="bg-line-strong">Neither</Key>
            <span className="flex items-center gap-1.5">
              <span className="h-0.5 w-4 bg-accent" /> Pass rate of the last {rateWindow}
            </span>
          </>
        )}
      </p>
    </div>
  );
}

function Key({ className, children }: { className: string; children: string }) {
  return (
    <span className="flex items-center gap-1.5">
      <span className={`size-2.5 rounded-xs ${className}`} /> {children}
    </span>
  );
}

function dataOf(points: readonly Verdict[]): uPlot.AlignedData {
  const durations = (belongs: (verdict: Verdict) => boolean) =>
    points.map((verdict) => (belongs(verdict) ? verdict.duration : null));
  return [
    points.map((_, index) => index),
    durations(({ status }) => isSuccess(status)),
    durations(({ status }) => isFailure(status)),
    durations(({ status }) => !isSuccess(status) && !isFailure(status)),
    rollingPassRate(points, rateWindow),
  ];
}

const failedSeries = 2;
/** The end of the duration axis if no run took longer: below, ticks would be parts of a millisecond. */
const leastAxisMs = 5;
/** Distances of ticks in ms: whole ones, so that no two of them read the same. */
const durationSteps = Array.from({ length: 9 }, (_, power) => [1, 2, 5].map((step) => step * 10 ** power)).flat();

/** False while the only run has not ended: the axis has no scale then. */
const hasDurations = ([, ...series]: uPlot.AlignedData) =>
  series.slice(0, 3).some((durations) => durations.some((duration) => duration != null));

function options(
  element: HTMLElement,
  { label, onPoint }: { label: (index: number) => string; onPoint: (index: number | null) => void },
): uPlot.Options {
  // A canvas cannot use custom properties, and their values change with the theme.
  const color = (name: string) => () => resolveColor(element, name);
  const font = `12px ${getComputedStyle(element).fontFamily}`;
  const bar = (name: string): uPlot.Series => ({
    scale: 'duration',
    fill: color(name),
    width: 0,
    paths: uPlot.paths.bars!({ size: [0.7, 28], radius: 0.15 }),
    points: { show: false },
  });
  const axis: uPlot.Axis = { font, stroke: color('muted'), ticks: { show: false }, border: { show: false } };
  return {
    width: element.clientWidth,
    height,
    padding: [12, null, null, null],
    legend: { show: false },
    cursor: { y: false, points: { show: false }, drag: { x: false, y: false, setScale: false } },
    scales: {
      // Few runs do not fill the whole width.
      x: { time: false, range: ({ data: [runs] }) => [Math.min(0, runs.length - 12) - 0.6, runs.length - 0.4] },
      duration: { range: (_, __, max) => [0, Math.max(max ?? 0, leastAxisMs) * 1.1] },
      rate: { range: [0, 1.1] },
    },
    axes: [
      {
        ...axis,
        size: 28,
        grid: { show: false },
        space: 90,
        incrs: [1, 2, 5, 10, 20, 50],
        values: (_, ticks) => {
          const labels = ticks.map((tick) => (Number.isInteger(tick) ? label(tick) : ''));
          return labels.map((text, index) => (text === labels[index - 1] ? '' : text));
        },
      },
      {
        ...axis,
        scale: 'duration',
        size: 64,
        space: 40,
        grid: { stroke: color('line'), width: 1 },
        incrs: durationSteps,
        values: ({ data }, ticks) =>
          hasDurations(data) ? ticks.map((tick) => (tick === 0 ? '0' : formatDuration(tick))) : [],
      },
      {
        ...axis,
        scale: 'rate',
        side: 1,
        size: 52,
        grid: { show: false },
        splits: () => [0, 0.5, 1],
        values: (_, ticks) => ticks.map((tick) => `${tick * 100} %`),
      },
    ],
    series: [
      {},
      bar('good'),
      bar('bad'),
      bar('line-strong'),
      { scale: 'rate', stroke: color('accent'), width: 2, spanGaps: true, points: { show: false } },
    ],
    hooks: {
      draw: [(plot) => markFailures(plot, resolveColor(element, 'bad'))],
      setCursor: [(plot) => onPoint(plot.cursor.idx ?? null)],
    },
  };
}

/** Draws a cross over each failure, since colour alone is not accessible. */
function markFailures(plot: uPlot, color: string) {
  const { ctx } = plot;
  const arm = 3 * uPlot.pxRatio;
  ctx.save();
  ctx.strokeStyle = color;
  ctx.lineWidth = 1.5 * uPlot.pxRatio;
  ctx.beginPath();
  for (const [index, duration] of (plot.data[failedSeries] ?? []).entries()) {
    if (duration == null) continue;
    const x = plot.valToPos(index, 'x', true);
    const y = plot.valToPos(duration, 'duration', true) - 2 * arm;
    ctx.moveTo(x - arm, y - arm);
    ctx.lineTo(x + arm, y + arm);
    ctx.moveTo(x + arm, y - arm);
    ctx.lineTo(x - arm, y + arm);
  }
  ctx.stroke();
  ctx.restore();
}

function resolveColor(element: HTMLElement, name: string): string {
  const before = element.style.color;
  element.style.color = `var(--color-${name})`;
  const { color } = getComputedStyle(element);
  element.style.color = before;
  return color;
}

function shortTime(iso: string): string {
  const date = new Date(iso);
  const today = date.toDateString() === new Date().toDateString();
  return today
    ? date.toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit' })
    : date.toLocaleDateString(undefined, { day: 'numeric', month: 'short' });
}
