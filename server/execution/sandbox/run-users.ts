import { chmodSync, lchownSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';

export interface RunUser {
  uid: number;
  /** The beginning of a command that root gives: the rest runs as this user, without any right and without a way to one. */
  command: string[];
}

export interface RunUsers {
  /** Takes a user whom no process has, and hands the run's folder over: all of it to read, `writableDirs` to write to. */
  take(runDir: string, writableDirs: readonly string[]): RunUser;
}

/** Nobody's, neither by the custom of distributions nor systemd's: https://systemd.io/UIDS-GIDS/ */
const uids = { first: 60_706, count: 478 };

/** A user of its own for each run: the kernel tells its processes from all others, and counts them. Only root can give it. */
export function createRunUsers(): RunUsers {
  let last = Math.floor(Math.random() * uids.count);
  return {
    take(runDir, writableDirs) {
      const taken = usersOfProcesses();
      for (let tried = 0; tried < uids.count; tried++) {
        last = (last + 1) % uids.count;
        if (!taken.has(uids.first + last)) break;
      }
      const uid = uids.first + last;
      // Its group may read, but not write: what is run was written by us. Whatever our umask made of it.
      giveToRead(runDir, uid);
      for (const name of writableDirs) {
        // Who starts the run's processes is root without its rights: its group may enter.
        lchownSync(path.join(runDir, name), uid, 0);
        chmodSync(path.join(runDir, name), 0o710);
      }
      const user = [`--reuid=${uid}`, `--regid=${uid}`, '--clear-groups'];
      const rights = ['--no-new-privs', '--inh-caps=-all', '--bounding-set=-all'];
      return { uid, command: ['setpriv', ...user, ...rights, '--'] };
    },
  };
}

function giveToRead(dir: string, gid: number): void {
  lchownSync(dir, 0, gid);
  chmodSync(dir, 0o750);
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    const file = path.join(dir, entry.name);
    if (entry.isDirectory()) giveToRead(file, gid);
    else if (entry.isFile()) {
      lchownSync(file, 0, gid);
      chmodSync(file, 0o640);
    }
  }
}

function usersOfProcesses(): Set<number | undefined> {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return new Set(pids.map((pid) => statSync(`/proc/${pid}`, { throwIfNoEntry: false })?.uid));
}
