import { writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import path from 'node:path';
import type { ReportEntry } from '#shared/reports.ts';
import { type SuiteChoice, suitePipeMessage, type SuitePipeMessage } from '#shared/suite-pipe.ts';
import type { PlaywrightSuite, StartedSuite, SuiteRun } from './playwright-suite.ts';

type MessageOf<Type extends SuitePipeMessage['type']> = Extract<SuitePipeMessage, { type: Type }>;

export interface PipedSuite extends StartedSuite {
  socket: Socket;
  /** What has come so far, checked. */
  messages: SuitePipeMessage[];
  /** Resolves when the process has ended and all is read. */
  done: Promise<SuiteRun & { messages: SuitePipeMessage[] }>;
}

/** Starts Playwright as a worker does, with this file as the reporter, and the other end of its pipe here. */
export function startPiped(
  suite: PlaywrightSuite,
  reporter: string,
  args: readonly string[] = [],
  { choice, ...env }: { choice?: SuiteChoice } & Record<string, unknown> = {},
): PipedSuite {
  const choiceFile = path.join(suite.dir, 'choice.json');
  if (choice) writeFileSync(choiceFile, JSON.stringify(choice));
  const started = suite.start(
    args,
    {
      PW_TEST_REPORTER: reporter,
      RUNLIGHT_PIPE: '3',
      RUNLIGHT_FILES: path.join(suite.dir, '.files'),
      RUNLIGHT_CHOICE: choice && choiceFile,
      PLAYWRIGHT_HTML_OPEN: 'never',
      ...(env as Record<string, string>),
    },
    true,
  );
  const socket = started.child.stdio[3] as Socket;
  const messages: SuitePipeMessage[] = [];
  let text = '';
  socket.setEncoding('utf8');
  socket.on('data', (chunk: string) => {
    const lines = (text + chunk).split('\n');
    text = lines.pop()!;
    messages.push(...lines.map((line) => suitePipeMessage.parse(JSON.parse(line))));
  });
  socket.on('error', () => {});
  return { ...started, socket, messages, done: started.ended.then((run) => ({ ...run, messages })) };
}

export function ofType<Type extends SuitePipeMessage['type']>(
  messages: readonly SuitePipeMessage[],
  type: Type,
): MessageOf<Type>[] {
  return messages.filter((message): message is MessageOf<Type> => message.type === type);
}

export function entriesOf(messages: readonly SuitePipeMessage[]): ReportEntry[] {
  return messages.flatMap((message) =>
    message.type === 'entries' ? message.entries : message.type === 'file' && message.entry ? [message.entry] : [],
  );
}

/** The last state of each case, by project and title. */
export function resultsOf(messages: readonly SuitePipeMessage[]): Record<string, string> {
  const names: string[] = [];
  const results: Record<string, string> = {};
  for (const entry of entriesOf(messages)) {
    if (entry.type === 'cases')
      for (const { project, titlePath } of entry.cases) names.push([project, ...titlePath].join(' › '));
    if (entry.type === 'case') results[names[entry.index]!] = entry.status;
  }
  return results;
}
