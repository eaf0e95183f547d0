import { randomUUID } from 'node:crypto';
import { reportSilentMs } from '#shared/report-limits.ts';
import type { ReportEntry } from '#shared/reports.ts';
import { identifyBuild, type Identity } from './ci/identify-build.ts';
import { keepAlive } from './clock.ts';
import { cancelledBy, followCommands, interruptPlaywright } from './commands.ts';
import { Delivery } from './delivery.ts';
import { sayLastWords } from './last-words.ts';
import { explainRefusal, wayOutOf } from './refusals.ts';
import { type Ending, endedEarly, type ReportFile, type ReportSink } from './report-sink.ts';
import type { RunState } from './playwright-events.ts';
import { say } from './say.ts';
import type { Settings } from './settings.ts';
import { Uploads } from './uploads.ts';
import { undeliveredInWords } from './words.ts';

export interface ReportOptions {
  settings: Settings;
  versions: { playwright: string; reporter: string; node: string };
  shard: { current: number; total: number } | null;
  merged: boolean;
  run: RunState;
}

/** After an interrupt, people want their prompt back. */
const interruptedCatchUpMs = 5_000;
/** At the end, for a Runlight that has never answered, in ms. */
const neverReachedMs = 3_000;
/** After the time to catch up, for the end itself. */
const finishMs = 5_000;

/** The report of this process: it says on stderr where it is, and at the end what is missing. Nothing that it does throws. */
export class Report implements ReportSink {
  readonly #options: ReportOptions;
  readonly #delivery: Delivery;
  readonly #uploads: Uploads;
  #stopCommands: (() => void) | undefined;
  readonly #onExit = () => this.#lastWords();
  /** The reporter has said why there is no report, or that it has to wait. */
  #hasComplained = false;

  constructor(options: ReportOptions) {
    const { settings } = options;
    const { reports } = settings.runlight;
    this.#options = options;
    this.#uploads = new Uploads({
      client: settings.client,
      onDone: ({ entry }) => entry && this.#delivery.add(entry),
    });
    this.#delivery = new Delivery({
      reports,
      session: randomUUID(),
      onBegun: (begun) => {
        const part = this.#delivery.part!;
        say(`${settings.runlight.url}/runs/${begun.runId}`);
        this.#uploads.start(part, begun);
        this.#stopCommands = followCommands(reports, part, {
          onCancel: (by) => interruptPlaywright(cancelledBy(by), options.run.isRunning),
        });
      },
      onAway: (error) =>
        this.#complain(`${this.#explain(error)} The tests go on, and are reported as soon as it answers.`),
      onRefused: (error) => this.#onRefused(error),
    });
    this.#delivery.start(this.#identify());
    globalThis.process.once('exit', this.#onExit);
  }

  add(entry: ReportEntry): void {
    this.#delivery.add(entry);
  }

  upload(file: ReportFile): void {
    if (!this.#delivery.isRefused) this.#uploads.add(file);
  }

  async end(status: Ending, reportFile: string | null): Promise<void> {
    using _ = keepAlive();
    try {
      await this.#end(status, reportFile);
    } finally {
      globalThis.process.off('exit', this.#onExit);
      this.#stopCommands?.();
      this.#delivery.close();
    }
  }

  async #end(status: Ending, reportFile: string | null): Promise<void> {
    const { catchUpMs } = this.#options.settings;
    const limitMs = status === 'interrupted' ? Math.min(interruptedCatchUpMs, catchUpMs) : catchUpMs;
    const stopClock = this.#abortAfter(limitMs);
    this.#delivery.hurry(() =>
      say(
        `waits for up to ${limitMs / 1_000} s: another process has this part of the run until nothing was heard of it for ${reportSilentMs / 1_000} s.`,
      ),
    );
    await this.#delivery.settled;
    // Each file has an entry.
    await this.#uploads.flush();
    await this.#delivery.flush();
    stopClock();
    if (this.#delivery.isRefused) return;
    if (!this.#delivery.part) return this.#complain(`not reported: ${this.#explain(this.#delivery.lastError)}`);
    const undelivered = this.#undelivered();
    const report = this.#uploads.undelivered.length === 0 ? reportFile : null;
    const isKnown = await this.#delivery.finish(
      { status, undelivered: undelivered ?? null, report },
      AbortSignal.timeout(finishMs),
    );
    if (undelivered !== undefined) say(`not delivered: ${undelivered}.`);
    else if (!isKnown && !this.#delivery.isRefused)
      say(`not delivered: the end of the run. ${this.#explain(this.#delivery.lastError)}`);
  }

  #onRefused(error: unknown): void {
    this.#uploads.abort();
    const { runId, reason } = wayOutOf(error) ?? {};
    const address = runId === undefined ? '' : ` ${this.#options.settings.runlight.url}/runs/${runId}`;
    const why = `${this.#explain(error)}${address}`;
    const { isRunning, hasBegun } = this.#options.run;
    // That comes while Playwright starts: interrupted between its start and the first test, it would let the tests begin all the same.
    if (reason === 'cancelled' && isRunning()) return interruptPlaywright(why, isRunning, hasBegun);
    this.#complain(
      `${this.#delivery.part ? 'the report ends here' : 'not reported'}: ${why}${this.#options.merged ? '' : ' The tests go on.'}`,
    );
  }

  /** Gives up after this time, and earlier if nothing gets through. Returns a function that ends that. */
  #abortAfter(limitMs: number): () => void {
    const startedAt = Date.now();
    const timer = setInterval(() => {
      const patienceMs = this.#patienceMs(limitMs);
      const movedAt = Math.max(startedAt, this.#delivery.lastProgressAt, this.#uploads.lastProgressAt);
      if (Date.now() - startedAt < limitMs && Date.now() - movedAt < patienceMs) return;
      this.#uploads.abort();
      this.#delivery.abort();
    }, 100);
    return () => clearInterval(timer);
  }

  /** For how long nothing may get through at the end. */
  #patienceMs(limitMs: number): number {
    if (this.#delivery.part) return limitMs / 2;
    // Of a process that was killed, the part is soon free.
    return this.#delivery.isHeld ? limitMs : Math.min(neverReachedMs, limitMs);
  }

  /** What Runlight does not have, in words. */
  #undelivered(): string | undefined {
    const { undelivered, unknown, serverVersion } = this.#delivery;
    const { settings, versions } = this.#options;
    return undeliveredInWords(undelivered, this.#uploads.undelivered, {
      entries: unknown,
      reporter: versions.reporter,
      server: serverVersion,
      url: settings.runlight.url,
    });
  }

  #complain(text: string): void {
    if (!this.#hasComplained) say(text);
    this.#hasComplained = true;
  }

  #explain(error: unknown): string {
    const { settings, versions } = this.#options;
    if (error === undefined) return `Runlight at ${settings.runlight.url} has not answered.`;
    return explainRefusal(error, { url: settings.runlight.url, version: versions.reporter });
  }

  async #identify() {
    const { settings, shard, merged, versions } = this.#options;
    const { env } = globalThis.process;
    const { build, commit, isShared }: Identity = await identifyBuild({
      env,
      cwd: settings.dir,
      buildId: settings.buildId,
    });
    if (shard && !isShared)
      say('each shard is a run of its own: for one run, set RUNLIGHT_BUILD_ID to the same value for all shards.');
    return {
      session: this.#delivery.session,
      suite: settings.suite,
      build,
      commit,
      shard,
      ...(merged && { merged }),
      executor: settings.executor,
      versions,
    };
  }

  /** The process ends without an end of the tests. */
  #lastWords(): void {
    const { url, headers } = this.#options.settings.client;
    this.#options.run.flush();
    const calls = this.#delivery.lastCalls({
      status: 'interrupted',
      undelivered: endedEarly,
      report: null,
    });
    if (calls) sayLastWords({ url, headers, ...calls });
    this.#delivery.close();
  }
}
