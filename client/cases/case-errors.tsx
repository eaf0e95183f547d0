import { stripAnsi } from '#client/ui/ansi.ts';
import { plural } from '#client/ui/format.ts';
import { Section } from '#client/ui/page.tsx';
import { RelativeTime } from '#client/ui/time.tsx';
import type { Outputs } from '#client/query/trpc.ts';
import { CaseInRunLink } from './case-in-run-link.tsx';

/** The errors of a case's last failures, the most frequent first; nothing where there are none. */
export function CaseErrors({ history: { errors } }: { history: Outputs['cases']['history'] }) {
  if (errors.length === 0) return null;
  return (
    <Section title="Errors">
      <ul className="divide-y divide-line text-sm">
        {errors.map((error) => (
          <li key={`${error.fingerprint}:${error.lastRunId}`} className="relative px-4 py-2.5 hover:bg-hover">
            <CaseInRunLink
              runId={error.lastRunId}
              index={error.lastIndex}
              className="row-link line-clamp-2 font-mono text-[0.8125rem] break-words"
            >
              {error.message ? stripAnsi(error.message) : 'No message'}
            </CaseInRunLink>
            <span className="text-[0.8125rem] text-muted">
              {plural(error.count, 'time')}, last <RelativeTime iso={error.lastAt} />
            </span>
          </li>
        ))}
      </ul>
    </Section>
  );
}
