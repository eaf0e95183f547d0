import { getRouteApi, Link } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { CodeBlock } from '#client/ui/code-block.tsx';
import { PageHeader } from '#client/ui/page.tsx';
import { FirstRun } from './first-run.tsx';
import { PlaceChoice } from './place-choice.tsx';
import { configLine, installLine, isOnlyHere, laptopLines, snippetOf } from './snippets.ts';
import { Token } from './token.tsx';

const route = getRouteApi('/suites/watch');

/** How the runs of an own Playwright project come here: the lines to paste, a key, and the first run as it comes in. */
export function WatchPage() {
  const { ci } = route.useSearch();
  const [token, setToken] = useState<string | null>(null);
  const [inConfig, setInConfig] = useState(false);
  const url = location.origin;
  const snippet = ci && snippetOf(ci, url, inConfig);
  return (
    <div className="mx-auto max-w-4xl">
      <PageHeader
        title="Watch your own suite"
        above={
          <Link to="/suites" className="link">
            Suites
          </Link>
        }
      />
      <p className="mb-5 text-muted">
        Your Playwright tests stay where they are and run as before. One more reporter sends each test and each step
        here while they run. It changes neither their results nor their exit code, and goes on if Runlight is away.
      </p>
      <div className="space-y-5">
        <ol className="card divide-y divide-line">
          <Step number={1} title="Install the reporter">
            <p>In the folder of your Playwright project:</p>
            <CodeBlock label="the line that installs the reporter" place="Terminal" code={installLine(url)} />
            <label className="flex items-center gap-2 text-ink">
              <input
                type="checkbox"
                className="size-4 accent-ink"
                checked={inConfig}
                onChange={(event) => setInConfig(event.target.checked)}
              />
              The project has a Playwright before 1.65
            </label>
            {inConfig && (
              <>
                <p>Those versions take reporters from the configuration. Keep the reporters that you have:</p>
                <CodeBlock label="the line of the configuration" place="playwright.config.ts" code={configLine} />
              </>
            )}
          </Step>
          <Step number={2} title="Get a token">
            <Token token={token} onToken={setToken} />
          </Step>
          <Step number={3} title="Run the tests">
            <PlaceChoice value={ci} />
            {snippet ? (
              <>
                <p>
                  Keep the token where {snippet.name} keeps secrets. {snippet.secret}
                </p>
                <CodeBlock label={`the lines for ${snippet.name}`} place={snippet.place} code={snippet.code} />
                <p>
                  Shards of one build become one run. A job matrix that runs the same shards several times needs a name
                  for each: set <code>RUNLIGHT_SUITE</code>.
                </p>
                {isOnlyHere(location.hostname) && (
                  <p className="rounded-lg border border-warn-line bg-warn-tint px-3.5 py-2.5 text-warn">
                    No other machine can reach {url}. Open this page at the address at which your CI reaches Runlight,
                    and the lines have that address.
                  </p>
                )}
              </>
            ) : (
              <CodeBlock label="the lines for a terminal" place="Terminal" code={laptopLines(url, token, inConfig)} />
            )}
          </Step>
        </ol>
        <FirstRun />
      </div>
    </div>
  );
}

function Step({ number, title, children }: { number: number; title: string; children: ReactNode }) {
  return (
    <li className="flex gap-4 p-4 sm:p-5">
      <span
        aria-hidden
        className="flex size-7 shrink-0 items-center justify-center rounded-full bg-sunken text-sm font-medium max-sm:hidden"
      >
        {number}
      </span>
      <div className="min-w-0 flex-1 space-y-3 text-sm text-muted">
        <h2 className="pt-0.5 text-base font-semibold text-ink">{title}</h2>
        {children}
      </div>
    </li>
  );
}
