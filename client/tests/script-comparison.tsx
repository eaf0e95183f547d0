/** Two versions of a script side by side, with the lines in which they differ. */
export function ScriptComparison({ mine, theirs }: { mine: string; theirs: string }) {
  const [before, after] = commonLines(mine.split('\n'), theirs.split('\n'));
  return (
    <div className="grid gap-4 md:grid-cols-2">
      <Version name="Yours, not saved" script={mine} before={before} after={after} className="bg-good-tint" />
      <Version name="Theirs, as it is stored" script={theirs} before={before} after={after} className="bg-warn-tint" />
    </div>
  );
}

function Version({
  name,
  script,
  before,
  after,
  className,
}: {
  name: string;
  script: string;
  before: number;
  after: number;
  className: string;
}) {
  const lines = script.split('\n');
  return (
    <section aria-label={name} className="min-w-0">
      <h3 className="mb-1.5 text-sm font-medium">{name}</h3>
      <pre
        tabIndex={0}
        aria-label={name}
        className="max-h-80 overflow-auto rounded-lg border border-line bg-sunken py-2 font-mono text-[0.8125rem] leading-5 focus-visible:-outline-offset-2"
      >
        {lines.map((line, index) => {
          const differs = index >= before && index < lines.length - after;
          return (
            <div key={index} className={`w-max min-w-full px-3 ${differs ? className : ''}`}>
              {differs ? <mark className="bg-transparent text-inherit">{line || ' '}</mark> : line || ' '}
            </div>
          );
        })}
      </pre>
    </section>
  );
}

/** How many lines two texts have in common at their beginnings and, beyond those, at their ends. */
function commonLines(a: readonly string[], b: readonly string[]): [before: number, after: number] {
  const most = Math.min(a.length, b.length);
  let before = 0;
  while (before < most && a[before] === b[before]) before += 1;
  let after = 0;
  while (after < most - before && a[a.length - 1 - after] === b[b.length - 1 - after]) after += 1;
  return [before, after];
}
