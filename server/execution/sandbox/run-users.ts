import { chmodSync, existsSync, lchownSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';

export interface RunUser {
  uid: number;
  /** The beginning of a command of root: the rest runs as this user, without capabilities and without a way to gain any. */
  command: string[];
}

export interface RunUsers {
  /**
   * Takes a user without processes, and gives it the run's folder: all of it to read, `writableDirs` to write. A folder that was
   * given before keeps its user, and what that has written.
   */
  take(runDir: string, writableDirs: readonly string[]): RunUser;
}

/** Users that neither distributions nor systemd assign: https://systemd.io/UIDS-GIDS/ */
const uids = { first: 60_706, count: 478 };

/** Gives each run a user of its own, so that the kernel isolates and counts its processes. Needs root. */
export function createRunUsers(): RunUsers {
  let last = Math.floor(Math.random() * uids.count);
  /** The users of folders that exist: between two programs of a run, its user has no processes. */
  const given = new Map<string, number>();

  function free(): number {
    for (const dir of given.keys()) if (!existsSync(dir)) given.delete(dir);
    const taken = new Set([...usersOfProcesses(), ...given.values()]);
    for (let tried = 0; tried < uids.count; tried++) {
      last = (last + 1) % uids.count;
      if (!taken.has(uids.first + last)) break;
    }
    return uids.first + last;
  }

  return {
    take(runDir, writableDirs) {
      const known = given.get(runDir);
      const uid = known ?? free();
      given.set(runDir, uid);
      // Sets modes regardless of the umask. The user's group may read the programs of the run, but not change them.
      giveToRead(runDir, uid, writableDirs);
      for (const name of writableDirs) {
        // The process that starts the run is root without capabilities: it enters by its group.
        lchownSync(path.join(runDir, name), uid, 0);
        chmodSync(path.join(runDir, name), 0o710);
      }
      const user = [`--reuid=${uid}`, `--regid=${uid}`, '--clear-groups'];
      const rights = ['--no-new-privs', '--inh-caps=-all', '--bounding-set=-all'];
      return { uid, command: ['setpriv', ...user, ...rights, '--'] };
    },
  };
}

function giveToRead(dir: string, gid: number, except: readonly string[] = []): void {
  lchownSync(dir, 0, gid);
  chmodSync(dir, 0o750);
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    const file = path.join(dir, entry.name);
    if (except.includes(entry.name)) continue;
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
