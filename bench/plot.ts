import { findRounds } from './budgets.ts';
import { contenderNames, labels } from './contenders.ts';
import type { DeliveryWorkload, Results } from './results.ts';
import { type Spread, spread } from './statistics.ts';

const width = 760;
const left = 190;
const right = 90;
const top = 74;
const rowHeight = 44;

const series: { workload: DeliveryWorkload; title: string; name: 'a' | 'b'; shift: number }[] = [
  { workload: 'one-1000', title: '1,000 watchers', name: 'a', shift: -8 },
  { workload: 'one-4000', title: '4,000 watchers', name: 'b', shift: 8 },
];

/** CPU per delivered event as SVG: medians with their least and most on a logarithmic axis. Empty without any. */
export function plotFanOut(results: Results): string {
  const rows = contenderNames.flatMap((contender) => {
    const values = series.flatMap((it) => {
      const rounds = findRounds(results, it.workload, contender);
      return rounds ? [{ ...it, ...spread(rounds.map((round) => round.cpuUs)) }] : [];
    });
    return values.length > 0 ? [{ contender, values }] : [];
  });
  if (rows.length === 0) return '';
  const all = rows.flatMap((row) => row.values);
  const low = nice(Math.min(...all.map((it) => it.min)), Math.floor);
  const high = nice(Math.max(...all.map((it) => it.max)), Math.ceil);
  const x = (value: number) => left + (Math.log(value / low) / Math.log(high / low)) * (width - left - right);
  const bottom = top + rows.length * rowHeight;

  const grid = ticks(low, high).map(
    (tick) =>
      `<line class="grid" x1="${px(x(tick))}" x2="${px(x(tick))}" y1="${top - 8}" y2="${bottom}"/>` +
      `<text class="soft" x="${px(x(tick))}" y="${bottom + 18}" text-anchor="middle">${tick}</text>`,
  );
  const marks = rows.map(({ contender, values }, index) => {
    const middle = top + (index + 0.5) * rowHeight - 4;
    const own = contender === 'runlight' ? ' own' : '';
    const label = `<text class="label${own}" x="${left - 14}" y="${middle + 4}" text-anchor="end">${plain(labels[contender])}</text>`;
    return label + values.map((value) => mark(value, middle + value.shift, x)).join('');
  });
  const keys = series
    .filter((it) => all.some(({ workload }) => workload === it.workload))
    .map(
      ({ title, name }, index) =>
        `<circle class="${name}" cx="${left + 6 + index * 150}" cy="46" r="5"/>` +
        `<text class="soft" x="${left + 18 + index * 150}" y="50">${title}</text>`,
    );

  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${bottom + 48}" role="img" aria-labelledby="title">
<title id="title">Server CPU per delivered event, in microseconds, by contender</title>
<style>
svg { font: 13px system-ui, sans-serif; --ink: #1f2328; --soft: #59636e; --grid: #d1d9e0; --a: #0969da; --b: #bc4c00; }
@media (prefers-color-scheme: dark) {
  svg { --ink: #f0f6fc; --soft: #9198a1; --grid: #3d444d; --a: #4493f8; --b: #f0883e; }
}
.label, .head { fill: var(--ink); } .own, .head { font-weight: 600; } .soft { fill: var(--soft); font-size: 12px; }
.grid { stroke: var(--grid); } .a { fill: var(--a); stroke: var(--a); } .b { fill: var(--b); stroke: var(--b); }
.range { stroke-width: 2; opacity: 0.6; }
</style>
<text class="head" x="14" y="22">Server CPU per delivered event: median, least and most of the rounds</text>
${[...keys, ...grid, ...marks].join('\n')}
<text class="soft" x="${(left + width - right) / 2}" y="${bottom + 38}" text-anchor="middle">µs per event and client, logarithmic; less is better</text>
</svg>
`;
}

function mark(value: Spread & { name: string }, y: number, x: (value: number) => number): string {
  const text = value.median >= 100 ? value.median.toFixed(0) : value.median.toFixed(1);
  return (
    `<line class="${value.name} range" x1="${px(x(value.min))}" x2="${px(x(value.max))}" y1="${y}" y2="${y}"/>` +
    `<circle class="${value.name}" cx="${px(x(value.median))}" cy="${y}" r="5"/>` +
    `<text class="soft" x="${px(x(value.max) + 10)}" y="${y + 4}">${text}</text>`
  );
}

/** 1, 2 and 5 of every power of ten within the range. */
function ticks(low: number, high: number): number[] {
  const found: number[] = [];
  for (let power = 10 ** Math.floor(Math.log10(low)); power <= high; power *= 10)
    for (const step of [1, 2, 5]) {
      const tick = Number((power * step).toPrecision(6));
      if (tick >= low && tick <= high) found.push(tick);
    }
  return found;
}

/** The tick below or above. */
function nice(value: number, round: (value: number) => number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  const steps = [1, 2, 5, 10];
  const scaled = value / power;
  const step = round === Math.floor ? steps.findLast((it) => it <= scaled) : steps.find((it) => it >= scaled);
  return power * (step ?? 1);
}

const px = (value: number) => value.toFixed(1);
/** Without Markdown, and fit for XML. */
const plain = (label: string) => label.replaceAll(/[*`]/g, '').replaceAll('&', '&amp;').replaceAll('<', '&lt;');
