import { exitCodes } from '#sdk/cli/process/exit-codes.ts';
import type { Host } from '#sdk/cli/process/host.ts';
import { readKeys } from './keys.ts';
import type { LiveView } from './live-view.ts';

/** After this long, a run that was asked to end is left to end by itself: CIs kill a command soon after they interrupt it. */
const patienceMs = 8_000;
const interruptSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const question = 'Cancel the run? y: cancel it · n: leave it running · Esc: keep watching';

interface InterruptOptions {
  /** Where the user can be asked. */
  live: LiveView | undefined;
  notice(text: string): void;
  /** Undefined: the run is not this command's to cancel. */
  cancel: (() => Promise<void>) | undefined;
  /** Ends the command, not the run. */
  leave(): void;
}

export interface Interrupts {
  /** As Ctrl-C does. */
  interrupt(): void;
  /** Gives terminal and signals back. */
  close(): void;
}

/**
 * What Ctrl-C and signals do. With a terminal, Ctrl-C asks whether to cancel a run that is this command's, and a second one
 * leaves. Without, SIGINT and SIGTERM cancel it, and a second one leaves. Runs of others are always only left.
 */
export function createInterrupts(host: Host, { live, notice, cancel, leave }: InterruptOptions): Interrupts {
  let state: 'watching' | 'asking' | 'cancelling' = 'watching';
  let patience: NodeJS.Timeout | undefined;

  function startCancelling() {
    state = 'cancelling';
    live?.ask(undefined);
    notice('Cancelling the run …');
    if (!live) patience = setTimeout(leave, patienceMs);
    void cancel!();
  }

  function interrupt() {
    if (!cancel || state !== 'watching') return leave();
    if (!live) return startCancelling();
    state = 'asking';
    live.ask(question);
  }

  function onKey(key: string) {
    if (key === 'interrupt') return interrupt();
    if (state !== 'asking') return undefined;
    if (key === 'y') return startCancelling();
    if (key === 'n') return leave();
    if (key !== 'escape') return undefined;
    state = 'watching';
    return live!.ask(undefined);
  }

  const terminate = () => (live ? leave() : interrupt());
  const signals = { SIGINT: interrupt, SIGTERM: terminate, SIGHUP: terminate } as const;
  for (const [signal, listener] of Object.entries(signals)) process.on(signal, listener);
  const giveBack = live && readKeys(host, { onKey, onResume: () => live.redraw() });
  return {
    interrupt,
    close() {
      clearTimeout(patience);
      for (const [signal, listener] of Object.entries(signals)) process.off(signal, listener);
      giveBack?.();
    },
  };
}

/**
 * Interrupts of the time in which a run is being started and cannot be cancelled yet. A second one ends the command at once,
 * and the run may have been started.
 */
export function noteInterrupts({ stderr }: Host): { isInterrupted(): boolean; close(): void } {
  let isInterrupted = false;
  const note = () => {
    if (isInterrupted) process.exit(exitCodes.cancelled);
    isInterrupted = true;
    stderr.write(
      'Waiting for the start of the run, to cancel it. Once more ends this command, and the run may go on.\n',
    );
  };
  for (const signal of interruptSignals) process.on(signal, note);
  return {
    isInterrupted: () => isInterrupted,
    close() {
      for (const signal of interruptSignals) process.off(signal, note);
    },
  };
}
