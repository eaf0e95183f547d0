import { readFileSync, writeFileSync } from 'node:fs';

/** The share of processor time of this process's session. */
export interface SessionPriority {
  /** As much as the kernel gives. Does nothing where it does not share time out between sessions, or where we are not root. */
  raise(): void;
  /** As it was. */
  restore(): void;
}

/** See sched(7), "The autogroup feature". */
const file = '/proc/self/autogroup';
const highest = '-20';

/**
 * A run can make any number of sessions; where the kernel shares time out between sessions first, each of them is worth as much as
 * ours, and we might have none to end it.
 */
export function createSessionPriority(): SessionPriority {
  let usual: string | undefined;
  return {
    raise() {
      const current = read();
      // Somebody else in this session needs it, too, and will give it back.
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
