import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import { finished } from 'node:stream/promises';
import { z } from 'zod';
import { type ArtifactKind, runEventBody, type RunEventBody, type TestError, testError } from '#shared/events.ts';
import type { TestStatus } from '#shared/run-status.ts';
import { listFiles } from '#server/artifacts/artifact-store.ts';
import type { RunLimits } from '#server/config/run-limits.ts';
import { excess, type Excess } from '#server/execution/sandbox/run-limits.ts';
import { plainText, storableText } from '#server/lib/storable-text.ts';
import type { SpecFile } from './run-folder.ts';
import { judge, noBrowser, type TestOutcome, type Verdict } from './run-outcome.ts';

export type StopReason = 'cancelled' | 'timed_out' | 'shutdown';

export interface Artifact {
  kind: ArtifactKind;
  name: string;
  /** Relative to the run's `output` folder, with forward slashes. */
  path: string;
  bytes: number;
  contentType: string;
  position: number | null;
}

export interface Outcome extends Verdict {
  tests: TestOutcome[];
  artifacts: Artifact[];
}

const position = z.int().nonnegative();

/** What the process that runs Playwright sends. A hostile script has a say in most of it, so it is checked. */
const runMessage = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('event'), event: runEventBody }),
  z.object({ kind: z.literal('begin'), cases: z.array(z.int()), leftOut: z.array(z.int()) }),
  z.object({
    kind: z.literal('attachment'),
    position,
    name: z.string(),
    path: z.string(),
    contentType: z.string(),
  }),
  z.object({ kind: z.literal('fault'), position: position.nullable(), loading: z.boolean(), error: testError }),
  z.object({ kind: z.literal('crash'), position, how: z.string() }),
  z.object({ kind: z.literal('flood') }),
  z.object({ kind: z.literal('forged') }),
  z.object({
    kind: z.literal('loader-exit'),
    file: z.string().nullish(),
    code: z.number().nullable(),
    signal: z.string().nullable(),
  }),
  z.object({ kind: z.literal('end'), status: z.string() }),
]);
type RunMessage = z.infer<typeof runMessage>;
type MessageOf<Kind extends RunMessage['kind']> = Extract<RunMessage, { kind: Kind }>;

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** Why the process could not be started. */
  cause?: string;
}

const longestTitle = 1_000;
const longestMessage = 20_000;
const longestRunnerOutput = 64_000;
const longestText = 100_000;
const longestLastWords = 2_000;

/** Collects what the processes of a run tell, passes it on as events that can be stored, and judges in the end. */
export function createRunRecord(options: {
  runDir: string;
  insideDir: string;
  specs: readonly SpecFile[];
  timeoutMs: number;
  limits: RunLimits;
  /** Blots secrets out. */
  redact: (text: string) => string;
  hasBrowser: boolean;
  /** The run has taken more than it may. */
  onExceeded: (excess: Excess) => void;
  onEvent: (event: RunEventBody) => void;
}) {
  const { runDir, insideDir, specs, limits, redact, hasBrowser, onEvent } = options;
  const names = specs.map(({ name }) => name);
  const outcomes = new Map<number, TestOutcome>();
  const openSteps = new Map<string, Extract<RunEventBody, { type: 'step' }>>();
  const attachments: MessageOf<'attachment'>[] = [];
  const faults: { position: number | null; error: TestError }[] = [];
  const crashes: { position: number; how: string }[] = [];
  let begin: { cases: number[]; leftOut: number[] } | undefined;
  let reported: string | undefined;
  let stopReason: StopReason | Excess | undefined;
  let runnerBytes = 0;
  const runnerDecoder = new StringDecoder('utf8');
  let runnerOutput = '';
  // Not in `output`, where a script could have put a link that leads elsewhere.
  const logFile = path.join(runDir, 'output.log');
  const log = createWriteStream(logFile);
  log.on('error', () => {});

  /** People know their tests by name; where the files lie is nobody's business. */
  const withNames = (text: string) => {
    // What is cut off later need not be searched.
    let result = redact(text.slice(0, longestText));
    for (const { name, file } of specs)
      for (const known of [path.join(insideDir, file), file, path.basename(file)])
        result = result.replaceAll(known, () => name);
    return result.replaceAll(`${insideDir}/`, '') + redact(text.slice(longestText));
  };
  const readable = (text: string, maxChars = longestMessage) => plainText(withNames(text), maxChars);
  const readableError = (error: TestError): TestError => ({
    ...error,
    message:
      !hasBrowser && /executable doesn't exist/i.test(error.message) ? noBrowser : readable(error.message).trimEnd(),
    snippet: error.snippet == null ? null : readable(error.snippet),
  });

  function emit(event: RunEventBody): void {
    switch (event.type) {
      case 'log':
        return write({ ...event, text: redact(event.text) });
      case 'step': {
        const step = {
          ...event,
          title: readable(event.title, longestTitle),
          error: event.error && readableError(event.error),
        };
        if (step.status === 'running') openSteps.set(step.id, step);
        else openSteps.delete(step.id);
        return onEvent(step);
      }
      case 'test': {
        const { position, status, flaky, duration } = event;
        const error = event.error && readableError(event.error);
        if (status !== 'running') outcomes.set(position, { position, status, flaky, durationMs: duration, error });
        return onEvent({ ...event, error });
      }
      case 'status':
      case 'artifact':
        return onEvent(event);
    }
  }

  function write(event: Extract<RunEventBody, { type: 'log' }>): void {
    log.write(event.text);
    onEvent({ ...event, text: storableText(event.text) });
  }

  function onMessage(received: unknown): void {
    const checked = runMessage.safeParse(received);
    if (!checked.success) {
      faults.push({ position: null, error: { message: 'The process of the tests sent what makes no sense.' } });
      return;
    }
    take(checked.data);
  }

  function take(message: RunMessage): void {
    switch (message.kind) {
      case 'event':
        return emit(message.event);
      case 'begin':
        begin = message;
        return;
      case 'attachment':
        attachments.push(message);
        return;
      case 'fault':
        return onFault(message);
      case 'crash':
        crashes.push(message);
        return;
      case 'flood':
        return options.onExceeded(excess.output(limits));
      case 'forged':
        return options.onExceeded(excess.forgery);
      case 'loader-exit':
        onLoaderExit(message);
        return;
      case 'end':
        reported = message.status;
    }
  }

  function onFault({ position, loading, error }: MessageOf<'fault'>): void {
    faults.push({ position, error: readableError(error) });
    if (loading && position !== null && !outcomes.has(position)) endTest(position, 'failed', error);
  }

  function onLoaderExit({ file, code, signal }: MessageOf<'loader-exit'>): void {
    const position = specs.findIndex((spec) => path.join(insideDir, spec.file) === file);
    const how = `The script ended its process (code=${code}, signal=${signal})`;
    crashes.push({ position, how });
    if (position !== -1) endTest(position, 'failed', { message: how });
  }

  function endTest(position: number, status: TestStatus, error: TestError | null): void {
    emit({ type: 'test', position, name: names[position] ?? '', status, flaky: false, duration: null, error });
  }

  /** What Playwright itself says, and scripts while they are loaded; they say it again when they run. */
  function onRunnerOutput(chunk: Buffer): void {
    runnerBytes += chunk.length;
    if (runnerBytes > limits.outputBytes) options.onExceeded(excess.output(limits));
    runnerOutput = (runnerOutput + runnerDecoder.write(chunk)).slice(-longestRunnerOutput);
  }

  /** In Runlight's own words, for the person who reads the output. */
  function say(text: string): void {
    emit({ type: 'log', stream: 'stderr', text });
  }

  /** Steps and tests of which Playwright never told the end. */
  function endOthers(): void {
    for (const step of openSteps.values()) onEvent({ ...step, status: 'interrupted' });
    for (const position of names.keys()) {
      if (outcomes.has(position)) continue;
      const isEmpty = stopReason === undefined && begin?.cases[position] === 0;
      endTest(position, begin?.leftOut.includes(position) ? 'skipped' : isEmpty ? 'failed' : 'interrupted', null);
    }
  }

  /** Call once, when no process of the run is alive. */
  async function outcome(exit: Exit): Promise<Outcome> {
    const isUnclear = reported === undefined || faults.length > 0;
    if (isUnclear && stopReason === undefined && runnerOutput !== '') say(withNames(runnerOutput));
    endOthers();
    const tests = [...outcomes.values()].sort((a, b) => a.position - b.position);
    const verdict = judge({
      stopped: stopReason,
      timeoutMs: options.timeoutMs,
      names,
      tests,
      cases: begin?.cases,
      leftOut: begin?.leftOut ?? [],
      faults,
      crashes,
      reported,
      exit,
      limits,
      lastWords: exit.cause ?? plainText(withNames(runnerOutput.slice(-longestLastWords)).trim(), longestLastWords),
    });
    log.end();
    await finished(log).catch(() => {});
    const { artifacts, isWhole } = await collectArtifacts();
    if (verdict.status === 'passed' && !isWhole) {
      const { code, details } = excess.artifacts(limits);
      return { status: 'error', errorCode: code, errorDetails: details, tests, artifacts };
    }
    return { ...verdict, tests, artifacts };
  }

  async function collectArtifacts(): Promise<{ artifacts: Artifact[]; isWhole: boolean }> {
    const outputDir = path.join(runDir, 'output');
    await rm(path.join(outputDir, 'output.log'), { recursive: true, force: true });
    await rename(logFile, path.join(outputDir, 'output.log'));
    const { sizes, isWhole } = await keepWithin(outputDir, limits.artifactBytes);
    const whole = [
      { kind: 'report', name: 'Report', path: 'report/index.html', contentType: 'text/html' },
      { kind: 'log', name: 'Console output', path: 'output.log', contentType: 'text/plain' },
    ] as const;
    const known = [
      ...whole.map((artifact) => ({ ...artifact, position: null })),
      ...attachments.map(({ position, name, path: file, contentType }) => ({
        kind: kindOf(name, contentType),
        name: readable(name, longestTitle),
        path: file.split(path.sep).join('/'),
        contentType: readable(contentType, longestTitle),
        position,
      })),
    ];
    const artifacts = known.flatMap((artifact) => {
      const bytes = sizes.get(artifact.path);
      return bytes === undefined || bytes === 0 ? [] : [{ ...artifact, bytes }];
    });
    return { artifacts, isWhole };
  }

  return {
    onMessage,
    onRunnerOutput,
    say,
    outcome,
    /** Does nothing once Playwright has given its verdict. */
    stopped(reason: StopReason): void {
      if (reported === undefined) stopReason = reason;
    },
    /** The same. What was exceeded first counts. */
    exceeded(found: Excess): void {
      if (reported === undefined && typeof stopReason !== 'object') stopReason = found;
    },
  };
}

/** Removes what exceeds the limit, and returns the sizes of the rest. */
async function keepWithin(dir: string, maxBytes: number): Promise<{ sizes: Map<string, number>; isWhole: boolean }> {
  const rank = ({ path: file }: { path: string }) => (file === 'output.log' || file === 'report/index.html' ? 0 : 1);
  const files = (await listFiles(dir)).sort((a, b) => rank(a) - rank(b) || a.bytes - b.bytes);
  const sizes = new Map<string, number>();
  let total = 0;
  for (const file of files) {
    total += file.bytes;
    if (total <= maxBytes) sizes.set(file.path, file.bytes);
    else await rm(path.join(dir, file.path));
  }
  return { sizes, isWhole: total <= maxBytes };
}

function kindOf(name: string, contentType: string): ArtifactKind {
  if (name === 'trace') return 'trace';
  if (contentType.startsWith('image/')) return 'screenshot';
  // By its name, a script in TypeScript would be a transport stream.
  return contentType === 'video/webm' || contentType === 'video/mp4' ? 'video' : 'log';
}
