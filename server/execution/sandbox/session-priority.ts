import { readFileSync, writeFileSync } from 'node:fs';

/** The priority of this process's session. */
export interface SessionPriority {
  /** To the highest. Does nothing if the kernel does not schedule by session, or without root. */
  raise(): void;
  /** To the value before `raise`. */
  restore(): void;
}

/** See sched(7), "The autogroup feature". */
const file = '/proc/self/autogroup';
const highest = '-20';

/**
 * A run can create any number of sessions. Where the kernel schedules by session first, each gets as much time as the worker's,
 * which might have too little to kill the run.
 */
export function createSessionPriority(): SessionPriority {
  let usual: string | undefined;
  return {
    raise() {
      const current = read();
      // If it is the highest already, another worker of this session has raised it, and will restore it.
      if (usual === undefined && current !== highest && write(highest)) usual = current;
    },
    restore() {
      if (usual !== undefined) write(usual);
      usual = undefined;
    },
  };
}

function read(): string | undefined {
  try {
    return /nice (-?\d+)/.exec(readFileSync(file, 'latin1'))?.[1];
  } catch {
    return undefined;
  }
}

function write(nice: string): boolean {
  try {
    writeFileSync(file, nice);
    return true;
  } catch {
    return false;
  }
}
