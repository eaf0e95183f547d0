import { createWriteStream } from 'node:fs';
import path from 'node:path';
import { finished } from 'node:stream/promises';
import type { RunEventBody, TestError } from '#shared/events.ts';
import type { ListedCase } from '#shared/run-cases.ts';
import type { TestStatus } from '#shared/run-status.ts';
import type { SnapshotOfArtifact } from '#shared/snapshots.ts';
import type { RunLimits } from '#server/config/run-limits.ts';
import { excess, type Excess } from '#server/execution/sandbox/excess.ts';
import { storableText } from '#server/lib/storable-text.ts';
import { TextBudget } from '#server/runs/text-budget.ts';
import { CaseCheck } from './case-check.ts';
import type { CaseSelection } from './case-selection.ts';
import { type Artifact, collectArtifacts } from './collect-artifacts.ts';
import { createReadableText } from './readable-text.ts';
import type { Redaction } from './redaction.ts';
import type { SpecFile } from './run-folder.ts';
import { type MessageOf, type RunMessage, runMessage } from './run-messages.ts';
import { RunnerOutput } from './runner-output.ts';
import { createStartPhases } from './start-phases.ts';
import {
  type Causes,
  decideOutcome,
  type RunFacts,
  type RunOutcome,
  type StopReason,
  type TestOutcome,
} from './run-outcome.ts';
import type { Exit } from '#server/execution/sandbox/start-process.ts';

export interface ExecutionResult extends RunOutcome {
  tests: TestOutcome[];
  artifacts: Artifact[];
}

/** UTF-16 units. */
const longestLastOutput = 2_000;

const noVideo = 'Videos are not recorded: run `npx playwright install ffmpeg` on the worker.\n';

/**
 * Collects the messages and output of a run's processes, passes them on as events that can be stored, and decides the outcome
 * when the processes have ended.
 */
export function createRunRecord(options: {
  runDir: string;
  insideDir: string;
  specs: readonly SpecFile[];
  timeoutMs: number;
  limits: RunLimits;
  redaction: Redaction;
  onExceeded: (excess: Excess) => void;
  onEvent: (event: RunEventBody) => void;
  selection: CaseSelection;
  /** Called when Playwright has found the scripts' cases and waits, with the indexes of those to run. */
  onChosen: (indexes: number[]) => void;
  /** Called once, when Playwright has listed all cases. */
  onListed: (cases: ListedCase[]) => void;
}) {
  const { runDir, insideDir, specs, limits, selection, onEvent } = options;
  const { redact } = options.redaction;
  const readable = createReadableText({ specs, insideDir, redact });
  const names = specs.map(({ name }) => name);
  const outcomes = new Map<number, TestOutcome>();
  const openSteps = new Map<string, Extract<RunEventBody, { type: 'step' }>>();
  const listed: ListedCase[] = [];
  const caseCheck = new CaseCheck(listed);
  const budget = new TextBudget();
  const phases = createStartPhases(onEvent);
  const attachments: MessageOf<'attachment'>[] = [];
  const folders: MessageOf<'folder'>[] = [];
  const causes: Causes = { faults: [], crashes: [], withoutBrowser: new Set(), refusals: new Map() };
  /** Scripts that do not load. */
  const unloaded = new Map<number, TestError>();
  let begin: MessageOf<'begin'> | undefined;
  const snapshots = new Map<string, SnapshotOfArtifact>();
  let hasVideoNotice = false;
  let reported: string | undefined;
  let stopped: RunFacts['stopped'];
  const runnerOutput = new RunnerOutput();
  // Outside of `output`, where a script could put a link in its place.
  const logFile = path.join(runDir, 'output.log');
  const log = createWriteStream(logFile);
  log.on('error', () => {});

  function emit(event: RunEventBody): void {
    switch (event.type) {
      case 'log': {
        const text = redact(event.text);
        log.write(text);
        return onEvent({ ...caseCheck.withKnownCase(event), text: storableText(text) });
      }
      case 'step': {
        const step = {
          ...caseCheck.withKnownCase(event),
          title: title(event.title),
          error: event.error && error(event.error),
        };
        phases.note(step);
        if (step.status === 'running') openSteps.set(step.id, step);
        else openSteps.delete(step.id);
        return onEvent(step);
      }
      case 'test': {
        const { position, status, flaky, duration } = event;
        const test = { ...event, error: event.error && error(event.error) };
        if (status !== 'running')
          outcomes.set(position, { position, status, flaky, durationMs: duration, error: test.error });
        return onEvent(test);
      }
      case 'case':
        if (!caseCheck.accepts(event)) return;
        return onEvent({
          ...event,
          title: title(event.title),
          error: event.error && error(event.error),
          errors: event.errors?.map(error),
        });
      case 'status':
      case 'part':
      case 'artifact':
        return onEvent(event);
    }
  }

  function onMessage(received: unknown): void {
    const checked = runMessage.safeParse(received);
    if (checked.success) take(checked.data);
    else
      causes.faults.push({
        position: null,
        error: { message: 'The process that runs Playwright sent an unknown message.' },
      });
  }

  function take(message: RunMessage): void {
    switch (message.kind) {
      case 'event':
        return emit(message.event);
      case 'candidates':
        return selection.add(readable.cases(message.cases));
      case 'choose':
        return options.onChosen(selection.choose());
      case 'listed':
        listed.push(...readable.cases(message.cases));
        return;
      case 'begin':
        begin = message;
        options.onListed(listed);
        phases.begin('browser');
        return endUnloaded();
      case 'attachment':
        return void attachments.push(message);
      case 'folder':
        return void folders.push(message);
      case 'fault':
        return onFault(message);
      case 'crash':
        return void causes.crashes.push(message);
      case 'no-browser':
        causes.withoutBrowser.add(message.position);
        return;
      case 'refusal':
        causes.refusals.set(message.position, message);
        return;
      case 'crowd':
        return options.onExceeded(excess.cases(limits));
      case 'flood':
        return options.onExceeded(excess.output(limits));
      case 'forged':
        return options.onExceeded(excess.forgery);
      case 'no-video':
        if (!hasVideoNotice) say(noVideo);
        hasVideoNotice = true;
        return;
      case 'snapshot':
        snapshots.set(message.file, { path: message.path, role: message.role });
        return;
      case 'loader-exit':
        return onLoaderExit(message);
      case 'end':
        reported = message.status;
    }
  }

  function title(text: string): string {
    return budget.title(readable.title(text));
  }

  function error(found: TestError): TestError {
    return budget.error(readable.error(found));
  }

  function onFault({ position, loading, error }: MessageOf<'fault'>): void {
    causes.faults.push({ position, error: readable.error(error) });
    if (loading && position !== null && !unloaded.has(position)) unloaded.set(position, error);
  }

  /** Ends the scripts that do not load. The list of cases comes first, since it begins with no results. */
  function endUnloaded(): void {
    for (const [position, error] of unloaded) if (!outcomes.has(position)) endTest(position, 'failed', error);
  }

  function onLoaderExit({ file, code, signal }: MessageOf<'loader-exit'>): void {
    const position = specs.findIndex((spec) => path.join(insideDir, spec.file) === file);
    causes.crashes.push({ position: position === -1 ? null : position, code, signal });
    const message = `The script ended its process (code=${code}, signal=${signal})`;
    if (position !== -1) endTest(position, 'failed', { message });
  }

  function endTest(position: number, status: TestStatus, error: TestError | null): void {
    emit({ type: 'test', position, name: names[position] ?? '', status, flaky: false, duration: null, error });
  }

  /** Takes what Playwright prints itself, and scripts while they are loaded. They print that again when they run. */
  function onRunnerOutput(chunk: Buffer): void {
    runnerOutput.add(chunk);
    if (runnerOutput.bytes > limits.outputBytes) options.onExceeded(excess.output(limits));
  }

  /** Adds a line of Runlight itself to the output. */
  function say(text: string): void {
    emit({ type: 'log', stream: 'stderr', text });
  }

  /** Ends steps and tests that Playwright has not ended. */
  function endOthers(): void {
    for (const step of openSteps.values()) onEvent({ ...step, status: 'interrupted' });
    for (const position of names.keys()) {
      if (outcomes.has(position)) continue;
      const isEmpty = stopped === undefined && begin !== undefined && countCases(position) === 0;
      endTest(position, begin?.leftOut.includes(position) ? 'skipped' : isEmpty ? 'failed' : 'interrupted', null);
    }
  }

  /** A script without cases is listed once, with an empty title path. */
  function countCases(position: number): number {
    return listed.filter((it) => it.position === position && it.titlePath.length > 0).length;
  }

  /** To be called once, when all processes of the run have ended. */
  async function finish(exit: Exit): Promise<ExecutionResult> {
    const isUnclear = reported === undefined || causes.faults.length > 0;
    if (isUnclear && stopped === undefined && runnerOutput.text !== '') say(readable.withNames(runnerOutput.text));
    const irregular = caseCheck.describe();
    if (irregular) say(`${irregular}\n`);
    endUnloaded();
    endOthers();
    const tests = [...outcomes.values()].sort((a, b) => a.position - b.position);
    const lastOutput = readable.message(runnerOutput.text.slice(-longestLastOutput).trim(), longestLastOutput);
    const outcome = decideOutcome({
      stopped,
      timeoutMs: options.timeoutMs,
      names,
      tests,
      cases: begin && [...names.keys()].map(countCases),
      leftOut: begin?.leftOut ?? [],
      missing: selection.describeMissing(),
      ...causes,
      reported,
      exit,
      limits,
      lastOutput: exit.cause ?? lastOutput,
    });
    log.end();
    await finished(log).catch(() => {});
    const { artifacts, isComplete } = await collectArtifacts({
      outputDir: path.join(runDir, 'output'),
      logFile,
      insideDir: path.join(insideDir, 'output'),
      attachments,
      folders,
      title: readable.title,
      redaction: options.redaction,
      snapshots,
      maxBytes: limits.artifactBytes,
    });
    if (outcome.status === 'passed' && !isComplete) {
      const { code, details } = excess.artifacts(limits);
      return { status: 'error', errorCode: code, errorDetails: details, tests, artifacts };
    }
    return { ...outcome, tests, artifacts };
  }

  return {
    beginPhase: phases.begin,
    onMessage,
    onRunnerOutput,
    say,
    finish,
    /** Does nothing after Playwright has reported its status. */
    stopped(reason: StopReason): void {
      if (reported === undefined) stopped = reason;
    },
    /** The same. The limit that was exceeded first counts. */
    exceeded(found: Excess): void {
      if (reported === undefined && typeof stopped !== 'object') stopped = found;
    },
  };
}
