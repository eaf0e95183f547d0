import type { NotificationPayload } from '#shared/notification-payload.ts';
import { missedStartText } from '#shared/missed-start-text.ts';
import { progressText } from '#shared/verdict-text.ts';

type RunPayload = NonNullable<NotificationPayload['data']['run']>;
type Failure = RunPayload['failures'][number];

/** A message as people read it. The texts are plain: renderers must escape them. */
export interface Description {
  tone: 'good' | 'bad' | 'neutral';
  title: string;
  /** One more sentence; empty: the title says all. */
  summary: string;
  failures: readonly Failure[];
  /** Number of failures that are left out. */
  more: number;
  facts: readonly { name: string; value: string }[];
  /** Page of the subject of the message. Null: there is none. */
  url: string | null;
}

/** The words for the content of a message. */
export function describe({ type, data: { run, missedStart }, rule, project }: NotificationPayload): Description {
  const nothing = { failures: [], more: 0, url: null };
  if (run) return describeRun(run, type, project.name);
  if (missedStart)
    return {
      ...nothing,
      tone: 'bad',
      title: `${missedStart.name} did not start`,
      summary: `It was due at ${missedStart.dueAt}: ${missedStart.details ?? missedStartText[missedStart.reason]}.`,
      facts: [{ name: 'Project', value: project.name }],
      url: missedStart.url,
    };
  return {
    ...nothing,
    tone: 'neutral',
    title: `A test of the rule “${rule.name}”`,
    summary: `Notifications of the project ${project.name} arrive here.`,
    facts: [],
  };
}

function describeRun(run: RunPayload, type: NotificationPayload['type'], project: string): Description {
  const facts: [string, string | null][] = [
    ['Project', project],
    ['Branch', run.branch],
    ['Commit', run.commitSha && [run.commitSha.slice(0, 10), run.commitMessage].filter(Boolean).join(' ')],
    ['Author', run.author],
    ['Started by', run.triggeredBy],
  ];
  return {
    tone: run.status === 'passed' ? 'good' : run.status === 'cancelled' || type === 'run.started' ? 'neutral' : 'bad',
    title: `${run.name} ${verbOf(run, type)}`,
    // The cases of the run may not be known yet.
    summary: [
      type === 'run.started' && run.total === 0 ? 'Running' : progressText(run),
      run.failures.length === 0 && run.errorDetails,
    ]
      .filter(Boolean)
      .join('. '),
    failures: run.failures,
    more: Math.max(0, run.failed - run.failures.length),
    facts: facts.flatMap(([name, value]) => (value ? [{ name, value }] : [])),
    url: run.url,
  };
}

function verbOf({ status, flaky }: RunPayload, type: NotificationPayload['type']): string {
  if (type === 'run.recovered') return 'passes again';
  if (type === 'run.failing') return 'is failing';
  switch (status) {
    case 'passed':
      return flaky > 0 ? 'passed, but was flaky' : 'passed';
    case 'failed':
      return 'failed';
    case 'timed_out':
      return 'timed out';
    case 'cancelled':
      return 'was cancelled';
    case 'error':
      return type === 'run.lost' ? 'was lost' : 'ended with an error';
    default:
      return `is ${status}`;
  }
}

/** A failure in a line: where it is, and its title. */
export function nameOfFailure({ project, file, title }: Failure): string {
  return [project && `[${project}]`, file, title].filter(Boolean).join(' › ');
}
