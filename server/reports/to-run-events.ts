import type { RunEventBody } from '#shared/events.ts';
import { reportLimits } from '#shared/report-limits.ts';
import type { ReportEntry } from '#shared/reports.ts';
import { joinErrors } from '#shared/playwright/errors.ts';
import type { ListedCase } from '#shared/run-cases.ts';
import type { RunLimits } from '#server/config/run-limits.ts';
import { storableJson } from '#server/lib/storable-text.ts';
import { TextBudget } from '#server/runs/text-budget.ts';
import type { PartUsage } from '#server/runs/write-parts.ts';

type EntryOf<Type extends ReportEntry['type']> = Extract<ReportEntry, { type: Type }>;

/** What a part is when entries come. */
export interface PartBefore {
  part: number;
  session: string;
  /** Cases of the part; null: not listed. */
  total: number | null;
  /** Of all parts of the run. */
  used: Omit<PartUsage, 'irregular'>;
  limits: Pick<RunLimits, 'shownOutputBytes' | 'shownSteps'>;
  /** Bytes and address of a file that was sent; undefined: it was not. */
  files: ReadonlyMap<string, { bytes: number; path: string }>;
}

/** Reported entries as a run stores them. */
export interface RunEntries {
  listed: ListedCase[] | undefined;
  /** With indexes of cases in the part. */
  events: RunEventBody[];
  /** The first error outside of cases. */
  error: string | undefined;
  usage: PartUsage;
}

/**
 * Turns what a reporter says into entries of its run. What makes no sense, such as an unknown case, is counted and left
 * out; so are output and steps beyond the limits, which is said once.
 */
export function toRunEvents(entries: readonly ReportEntry[], before: PartBefore): RunEntries {
  const { limits, used } = before;
  const events: RunEventBody[] = [];
  const usage: PartUsage = { steps: 0, outputChars: 0, textChars: 0, irregular: 0 };
  const budget = new TextBudget(used.textChars);
  let listed: ListedCase[] | undefined;
  let error: string | undefined;
  // Ids are unique in the part of one reporter.
  const stepId = (id: string) => `${before.part}.${before.session.slice(-8)}.${id}`;
  const isKnown = (index: number) => index < (listed?.length ?? before.total ?? 0);
  const place = ({
    caseIndex,
    attempt,
  }: {
    caseIndex?: number | null | undefined;
    attempt?: number | null | undefined;
  }) => {
    if (caseIndex == null) return { caseIndex: null, attempt: null };
    if (isKnown(caseIndex)) return { caseIndex, attempt: attempt ?? null };
    usage.irregular += 1;
    return { caseIndex: null, attempt: null };
  };
  const say = (text: string) => events.push({ type: 'log', stream: 'stderr', text });

  function addOutput(entry: EntryOf<'log'>) {
    const before = used.outputChars + usage.outputChars;
    usage.outputChars += entry.text.length;
    if (before >= limits.shownOutputBytes) return;
    events.push({ type: 'log', stream: entry.stream, text: entry.text, ...place(entry) });
    if (before + entry.text.length >= limits.shownOutputBytes)
      say(`\nOutput beyond ${limits.shownOutputBytes.toLocaleString('en')} characters is not shown.\n`);
  }

  function addStep({ id, parentId, title, error, line, category, status, duration, ...of }: EntryOf<'step'>) {
    if (category !== 'case') {
      const begun = used.steps + usage.steps;
      if (status === 'running') usage.steps += 1;
      if (begun >= limits.shownSteps) {
        if (begun === limits.shownSteps && status === 'running')
          say(`Steps beyond ${limits.shownSteps.toLocaleString('en')} are not shown.\n`);
        return;
      }
    }
    events.push({
      type: 'step',
      position: null,
      ...place(of),
      id: stepId(id),
      parentId: parentId === null ? null : stepId(parentId),
      category,
      title: budget.title(title),
      status,
      duration,
      error: error && budget.error(error),
      line: line ?? null,
    });
  }

  function addCase({ errors, index, ...state }: EntryOf<'case'>) {
    if (!isKnown(index)) {
      usage.irregular += 1;
      return;
    }
    const all = errors.map((it) => budget.error(it));
    const joined = joinErrors(all);
    events.push({
      ...state,
      index,
      // The run knows what the case is.
      caseId: '',
      part: before.part,
      position: null,
      project: '',
      file: '',
      title: '',
      quarantined: false,
      error: joined && { ...joined, message: joined.message.slice(0, reportLimits.errorMessage) },
      errors: all.length > 0 ? all : null,
    });
  }

  function addArtifact({ file, kind, name, contentType, snapshot, ...of }: EntryOf<'artifact'>) {
    const stored = before.files.get(file);
    if (!stored) {
      usage.irregular += 1;
      return;
    }
    const what = { kind, name: budget.title(name), contentType, ...(snapshot && { snapshot }) };
    events.push({ type: 'artifact', ...what, ...stored, ...place(of) });
  }

  for (const entry of entries)
    switch (entry.type) {
      case 'cases':
        if (listed || before.total !== null) usage.irregular += 1;
        else listed = storableJson(entry.cases);
        break;
      case 'case':
        addCase(entry);
        break;
      case 'step':
        addStep(entry);
        break;
      case 'log':
        addOutput(entry);
        break;
      case 'artifact':
        addArtifact(entry);
        break;
      case 'phase':
        events.push({
          type: 'part',
          part: before.part,
          status: 'running',
          total: 0,
          executor: null,
          phase: entry.phase,
        });
        break;
      case 'error': {
        const { message, snippet } = budget.error(entry.error);
        error ??= message;
        say(`${message}\n${snippet ? `${snippet}\n` : ''}`);
      }
    }
  usage.textChars = budget.used - used.textChars;
  return { listed, events, error, usage };
}
