import type { RunEvent } from '#shared/events.ts';
import { isTerminal } from '#shared/run-status.ts';
import { appendOutput, noScreens, type Screens } from './append-output.ts';
import type { OpenScreen } from './screen.ts';
import { editLines, noLines, type LogLines } from '#client/ui/log/log-lines.ts';

type EventOf<T extends RunEvent['type']> = Extract<RunEvent, { type: T }>;
/** The newest event of a step, with the time (ISO) and the sequence number of its first event. */
export type RunStep = EventOf<'step'> & { begunAt: string; begunSeq: number };
export type LoggedTest = EventOf<'test'> & { begunAt: string };
export type RunArtifact = EventOf<'artifact'>;
/** The newest state of a case in an attempt, as the log has it. */
export type LoggedCase = EventOf<'case'> & { at: string };

/** A run's log as the page shows it. Immutable: a changed log shares all unchanged parts with the one before. */
export interface RunLog {
  /** Sequence number of the last event; 0 for none. */
  lastSeq: number;
  /** The log has a final status. */
  ended: boolean;
  /** Newest state of each test, by position. */
  tests: ReadonlyMap<number, LoggedTest>;
  steps: ReadonlyMap<string, RunStep>;
  /** By `caseKey`. */
  cases: ReadonlyMap<string, LoggedCase>;
  /** Ids of the steps under a step (its id) or directly under a test (`stepsOfTest`), in order of their beginning. */
  children: ReadonlyMap<string, readonly string[]>;
  lines: LogLines;
  screens: Screens;
  artifacts: readonly RunArtifact[];
}

export const emptyLog: RunLog = {
  lastSeq: 0,
  ended: false,
  tests: new Map(),
  steps: new Map(),
  cases: new Map(),
  children: new Map(),
  lines: noLines,
  screens: noScreens(),
  artifacts: [],
};

/** Key in `RunLog.children` of the steps directly under a test. */
export const stepsOfTest = (position: number) => `test:${position}`;

/** Key in `RunLog.cases` of an attempt (from 0) of a case. */
export const caseKey = (index: number, attempt: number) => `${index}:${attempt}`;

/**
 * Appends events in the order of the log. Known events (a replay after a reconnect) change nothing. `openScreen` draws output
 * that moves the cursor.
 */
export function appendEvents(log: RunLog, events: readonly RunEvent[], openScreen?: OpenScreen): RunLog {
  const fresh = events.filter((event) => event.seq > log.lastSeq);
  if (fresh.length === 0) return log;

  let { lastSeq, ended } = log;
  // Copied when they change, since most events are output.
  const tests = edited(log.tests);
  const steps = edited(log.steps);
  const cases = edited(log.cases);
  const children = edited(log.children);
  const lines = editLines(log.lines);
  const output = appendOutput(lines, log.screens, log.lastSeq, openScreen);
  const artifacts: RunArtifact[] = [];

  for (const event of fresh) {
    if (event.seq <= lastSeq) continue;
    lastSeq = event.seq;
    switch (event.type) {
      case 'status':
        ended ||= isTerminal(event.status);
        break;
      case 'test':
        tests.set(event.position, { ...event, begunAt: tests.get(event.position)?.begunAt ?? event.at });
        break;
      case 'step': {
        const known = steps.get(event.id);
        if (!known) {
          const parent = event.parentId ?? stepsOfTest(event.position ?? -1);
          children.set(parent, [...(children.get(parent) ?? []), event.id]);
        }
        steps.set(event.id, { ...event, begunAt: known?.begunAt ?? event.at, begunSeq: known?.begunSeq ?? event.seq });
        break;
      }
      case 'case':
        cases.set(caseKey(event.index, event.attempt), event);
        break;
      case 'log':
        output.add(event);
        break;
      case 'artifact':
        artifacts.push(event);
        break;
    }
  }
  const screens = output.done(lastSeq);
  return {
    lastSeq,
    ended,
    tests: tests.done(),
    steps: steps.done(),
    cases: cases.done(),
    children: children.done(),
    lines: lines.done(),
    screens,
    artifacts: artifacts.length === 0 ? log.artifacts : [...log.artifacts, ...artifacts],
  };
}

/** A map that is copied at its first change. */
function edited<K, V>(map: ReadonlyMap<K, V>) {
  let copy: Map<K, V> | undefined;
  return {
    get: (key: K) => (copy ?? map).get(key),
    set(key: K, value: V) {
      copy ??= new Map(map);
      copy.set(key, value);
    },
    done: () => copy ?? map,
  };
}
