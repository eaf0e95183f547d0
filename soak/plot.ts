import type { Sample } from './samples.ts';
import { processNames } from './system.ts';

const width = 900;
const left = 70;
const right = 20;
const panelHeight = 150;
const panelGap = 46;
const top = 64;

export interface FaultMark {
  seconds: number;
  name: string;
}

interface Line {
  name: string;
  value(sample: Sample): number | null;
}

const ofProcess = (field: 'residentMb' | 'descriptors' | 'watchers' | 'channels', names: readonly string[]): Line[] =>
  processNames
    .filter((name) => names.includes(name))
    .map((name) => ({ name, value: (sample) => sample.processes[name][field] }));

const apis = ['api-1', 'api-2'];

const panels: { title: string; lines: Line[] }[] = [
  { title: 'Resident memory, MB', lines: ofProcess('residentMb', processNames) },
  { title: 'Descriptors', lines: ofProcess('descriptors', processNames) },
  { title: 'Open streams', lines: ofProcess('watchers', apis) },
  { title: 'Channels', lines: ofProcess('channels', apis) },
  { title: 'Rows of runs', lines: [{ name: 'runs', value: (sample) => sample.runs }] },
];

/** All samples over time, one panel for each quantity, as SVG. Grey lines are faults. */
export function plotSoak(samples: readonly Sample[], faults: readonly FaultMark[]): string {
  const seconds = Math.max(1, ...samples.map((sample) => sample.seconds));
  const x = (at: number) => left + (at / seconds) * (width - left - right);
  const height = top + panels.length * (panelHeight + panelGap);
  const drawn = panels.map(({ title, lines }, index) => {
    const from = top + index * (panelHeight + panelGap);
    const values = samples.flatMap((sample) => lines.map((line) => line.value(sample) ?? 0));
    const most = nice(Math.max(1, ...values));
    const y = (value: number) => from + panelHeight - (value / most) * panelHeight;
    const marks = faults.map(
      ({ seconds, name }) =>
        `<line class="fault" x1="${px(x(seconds))}" x2="${px(x(seconds))}" y1="${from}" y2="${from + panelHeight}"><title>${name}</title></line>`,
    );
    const grid = [0, 0.5, 1].map(
      (share) =>
        `<line class="grid" x1="${left}" x2="${width - right}" y1="${px(y(most * share))}" y2="${px(y(most * share))}"/>` +
        `<text class="soft" x="${left - 8}" y="${px(y(most * share) + 4)}" text-anchor="end">${most * share}</text>`,
    );
    const paths = lines.map(({ name, value }) => {
      const points = samples.flatMap((sample) => {
        const found = value(sample);
        return found === null ? [] : [`${px(x(sample.seconds))},${px(y(found))}`];
      });
      return `<polyline class="line ${name}" points="${points.join(' ')}"/>`;
    });
    return [`<text class="head" x="${left}" y="${from - 10}">${title}</text>`, ...marks, ...grid, ...paths].join('\n');
  });
  const keys = processNames.map(
    (name, index) =>
      `<line class="line ${name}" x1="${left + index * 120}" x2="${left + 24 + index * 120}" y1="24" y2="24"/>` +
      `<text class="soft" x="${left + 32 + index * 120}" y="28">${name}</text>`,
  );
  const minutes = Math.round(seconds / 60);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title">
<title id="title">Memory, descriptors, streams, channels and rows over ${minutes} minutes with a fault in each</title>
<style>
svg { font: 13px system-ui, sans-serif; --ink: #1f2328; --soft: #59636e; --grid: #d1d9e0; --a: #0969da; --b: #8250df; --c: #bc4c00; --d: #1a7f37; }
@media (prefers-color-scheme: dark) {
  svg { --ink: #f0f6fc; --soft: #9198a1; --grid: #3d444d; --a: #4493f8; --b: #ab7df8; --c: #f0883e; --d: #3fb950; }
}
.head { fill: var(--ink); font-weight: 600; } .soft { fill: var(--soft); font-size: 12px; }
.grid { stroke: var(--grid); } .fault { stroke: var(--grid); stroke-width: 4; } .line { fill: none; stroke-width: 1.5; }
.api-1, .runs { stroke: var(--a); } .api-2 { stroke: var(--b); } .worker-1 { stroke: var(--c); } .worker-2 { stroke: var(--d); }
</style>
${[...keys, ...drawn].join('\n')}
<text class="soft" x="${width - right}" y="${height - 14}" text-anchor="end">${minutes} minutes; grey: a fault begins. api-1 and worker-1 are never killed</text>
</svg>
`;
}

function nice(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return power * [1, 2, 4, 5, 10].find((step) => step * power >= value)!;
}

const px = (value: number) => value.toFixed(1);
