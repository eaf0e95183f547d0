import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { v4 as uuidv4 } from 'uuid';
import type { RunEventBody } from '#shared/events.ts';
import type { ReportEntry } from '#shared/reports.ts';
import { accessToken } from './serving.ts';

/** A suite that reports, or the worker of a run: takes events as they happen. */
export interface Source {
  runId: string;
  record(event: RunEventBody): void;
  /** Resolves when all events so far are stored. */
  flush(): Promise<void>;
}

/** As the reporter of the package collects. */
const batchMs = 100;

/** Calls a mutation as a reporter does. */
function call<T>(agent: Agent, port: number, procedure: string, input: object): Promise<T> {
  const body = JSON.stringify(input);
  return new Promise((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${accessToken}`,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
    };
    request(
      { host: '127.0.0.1', port, path: `/api/trpc/${procedure}`, method: 'POST', headers, agent },
      async (answer) => {
        let text = '';
        for await (const chunk of answer.setEncoding('utf8')) text += chunk;
        if (answer.statusCode === 200) resolve((JSON.parse(text) as { result: { data: T } }).result.data);
        else reject(new Error(`${procedure} answered ${answer.statusCode}: ${text}`));
      },
    )
      .on('error', reject)
      .end(body);
  });
}

/** Begins to report a run of a suite of its own with so many cases. */
export async function beginReportedSource(port: number, name: string, cases: number): Promise<Source> {
  // Connections that were idle may have been closed at the other end, so pauses begin without any.
  let agent = new Agent({ keepAlive: true });
  const session = uuidv4();
  const { runId, part } = await call<{ runId: string; part: number }>(agent, port, 'reports.begin', {
    session,
    suite: name,
    build: { id: uuidv4(), attempt: null, url: null, provider: 'github' },
    commit: { branch: 'main' },
    shard: null,
    executor: 'bench',
    versions: { playwright: '1.65.1', reporter: '0.1.0', node: process.version },
  });
  let sent = 0;
  let pending: ReportEntry[] = [listOf(cases)];
  let sending: Promise<void> | undefined;

  async function send(): Promise<void> {
    while (pending.length > 0) {
      const entries = pending;
      pending = [];
      await call(agent, port, 'reports.append', { runId, part, session, after: sent, entries });
      sent += entries.length;
      if (pending.length > 0) await delay(batchMs);
    }
    sending = undefined;
  }
  await (sending = send());
  return {
    runId,
    record(event) {
      const entry = toEntry(event);
      if (!entry) return;
      pending.push(entry);
      sending ??= delay(batchMs).then(send);
    },
    async flush() {
      while (sending) await sending;
      agent.destroy();
      agent = new Agent({ keepAlive: true });
    },
  };
}

function listOf(cases: number): ReportEntry {
  return {
    type: 'cases',
    cases: Array.from({ length: cases }, (_, index) => ({
      position: null,
      project: 'chromium',
      file: `shop/checkout-${index % 10}.spec.ts`,
      titlePath: ['checkout', `pays by card ${index}`],
      line: 3 + index,
      tags: [],
      annotations: [],
    })),
  };
}

/** The same as a reporter says it. */
function toEntry(event: RunEventBody): ReportEntry | undefined {
  switch (event.type) {
    case 'case': {
      const { type, index, status, attempt, flaky, duration } = event;
      return { type, index, status, attempt, flaky, duration, errors: [] };
    }
    case 'step': {
      const { position: _, caseIndex, attempt, ...step } = event;
      return { ...step, caseIndex: caseIndex!, attempt: attempt! };
    }
    case 'log': {
      const { position: _, ...output } = event;
      return output;
    }
    default:
      return undefined;
  }
}
