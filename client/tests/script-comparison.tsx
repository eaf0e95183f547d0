import { Chunk } from '@codemirror/merge';
import { Text } from '@codemirror/state';
import { useEffect, useRef } from 'react';
import { splitLines } from '#client/ui/line-ends.ts';

/** Two versions of a script side by side, with their differences marked. Loaded lazily. */
export default function ScriptComparison({ mine, theirs }: { mine: string; theirs: string }) {
  const a = Text.of(splitLines(mine));
  const b = Text.of(splitLines(theirs));
  const chunks = Chunk.build(a, b);
  const ofMine = chunks.map(({ fromA, toA }) => ({ from: fromA, to: toA }));
  const ofTheirs = chunks.map(({ fromB, toB }) => ({ from: fromB, to: toB }));
  return (
    <div className="grid gap-4 md:grid-cols-2">
      <Version name="Yours, not saved" lines={linesOf(a, ofMine)} className="bg-good-tint" />
      <Version name="Theirs, as it is stored" lines={linesOf(b, ofTheirs)} className="bg-warn-tint" />
    </div>
  );
}

interface Line {
  text: string;
  differs: boolean;
}

/** The lines of a script. `changes` are ranges of whole lines, as positions in the text. */
function linesOf(script: Text, changes: readonly { from: number; to: number }[]): Line[] {
  let at = 0;
  return [...script.iterLines()].map((text) => {
    const differs = changes.some(({ from, to }) => from <= at && at < to);
    at += text.length + 1;
    return { text, differs };
  });
}

function Version({ name, lines, className }: { name: string; lines: readonly Line[]; className: string }) {
  const box = useRef<HTMLPreElement>(null);
  useEffect(() => {
    const first = box.current?.querySelector('mark');
    if (box.current && first) box.current.scrollTop = first.offsetTop - box.current.offsetTop - 40;
  }, []);
  return (
    <section aria-label={name} className="min-w-0">
      <h3 className="mb-1.5 text-sm font-medium">{name}</h3>
      <pre
        ref={box}
        tabIndex={0}
        aria-label={name}
        className="max-h-80 overflow-auto rounded-lg border border-line bg-sunken py-2 font-mono text-[0.8125rem] leading-5 focus-visible:-outline-offset-2"
      >
        {lines.map(({ text, differs }, index) => (
          <div key={index} className={`w-max min-w-full px-3 ${differs ? className : ''}`}>
            {differs ? <mark className="bg-transparent text-inherit">{text || ' '}</mark> : text || ' '}
          </div>
        ))}
      </pre>
    </section>
  );
}
