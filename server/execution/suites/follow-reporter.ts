import type { Socket } from 'node:net';
import type { z } from 'zod';
import type { ReportEntry } from '#shared/reports.ts';
import { type GroupedCase, suitePipeMessage, type SuitePipeCommand } from '#shared/suite-pipe.ts';
import { suitePipeLimits } from '#shared/suite-pipe-limits.ts';
import { errorMessage } from '#server/lib/errors.ts';
import type { EntrySink } from './entry-sink.ts';
import { NoMessage, readMessages } from './read-messages.ts';

type Message = z.infer<typeof suitePipeMessage>;
export type ReportedEnd = Extract<Message, { type: 'end' }>;

/** What a suite's reporter says is passed on in order, and no faster than it is taken. */
export interface ReporterListener {
  sink: EntrySink;
  /** Stores a file. Throws an error that says why it cannot be kept. */
  onFile(message: Extract<Message, { type: 'file' }>): Promise<void>;
  /** With `--list`. */
  onCases(cases: GroupedCase[]): void;
  /** Called for each entry, besides `sink`. */
  onEntry(entry: ReportEntry): void;
  /** A message has come. */
  onBegin(): void;
  /** The last message has come. */
  onEnd(): void;
}

/**
 * Resolves to the reporter's last message when the pipe has ended; undefined if there was none. Throws a `NoMessage` for what no
 * reporter says.
 */
export async function followReporter(pipe: Socket, listener: ReporterListener): Promise<ReportedEnd | undefined> {
  const { sink } = listener;
  let end: ReportedEnd | undefined;
  for await (const given of readMessages(pipe, suitePipeLimits.lineBytes)) {
    const parsed = suitePipeMessage.safeParse(given);
    if (!parsed.success) throw new NoMessage('a message has a form that no reporter gives it');
    const message = parsed.data;
    listener.onBegin();
    switch (message.type) {
      case 'entries':
        await sink.add(message.entries);
        message.entries.forEach((entry) => listener.onEntry(entry));
        break;
      case 'file':
        await keep(message, listener);
        break;
      case 'cases':
        listener.onCases(message.cases);
        break;
      case 'end':
        end = message;
        listener.onEnd();
        break;
    }
  }
  return end;
}

async function keep(message: Extract<Message, { type: 'file' }>, { sink, onFile }: ReporterListener): Promise<void> {
  try {
    await onFile(message);
  } catch (error) {
    return sink.say(`${message.name || message.file} was not kept: ${errorMessage(error)}`, 'stderr');
  }
  const entries: ReportEntry[] = message.entry === null ? [] : [message.entry];
  return sink.add(entries);
}

/** Stops Playwright as Ctrl-C does. A process that does not read it is killed later. */
export function interruptSuite(pipe: Socket, by: string | null): void {
  const command: SuitePipeCommand = { type: 'cancel', by };
  pipe.write(`${JSON.stringify(command)}\n`);
}
