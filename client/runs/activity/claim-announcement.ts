/** How long a tab without the focus waits, so that a tab with the focus comes first, in ms. */
const unfocusedDelayMs = 300;
/** How long announcements are remembered, in ms. */
const memoryMs = 24 * 3_600_000;

/**
 * Resolves to true in exactly one tab of this browser, which then announces the run's end: the visible one, or the first
 * to become visible.
 */
export async function claimAnnouncement(runId: string): Promise<boolean> {
  await untilVisible();
  if (!document.hasFocus()) await new Promise((resolve) => setTimeout(resolve, unfocusedDelayMs));
  try {
    return await addOnce(runId);
  } catch {
    // Without storage, two announcements are better than none.
    return true;
  }
}

function untilVisible(): Promise<void> {
  if (!document.hidden) return Promise.resolve();
  return new Promise((resolve) => {
    const listener = () => {
      if (document.hidden) return;
      document.removeEventListener('visibilitychange', listener);
      resolve();
    };
    document.addEventListener('visibilitychange', listener);
  });
}

/** Adds the run's id to a database that all tabs share. False if it is there already, since a key can be added only once. */
async function addOnce(runId: string): Promise<boolean> {
  const open = indexedDB.open('runlight', 1);
  open.addEventListener('upgradeneeded', () => open.result.createObjectStore('announced'));
  const db = await result(open);
  try {
    const store = db.transaction('announced', 'readwrite').objectStore('announced');
    // Ids begin with their time of creation.
    store.delete(IDBKeyRange.upperBound(firstIdAt(Date.now() - memoryMs)));
    const add = store.add(1, runId);
    add.addEventListener('error', (event) => event.preventDefault());
    return await result(add).then(
      () => true,
      (error: unknown) => {
        if (error instanceof DOMException && error.name === 'ConstraintError') return false;
        throw error;
      },
    );
  } finally {
    db.close();
  }
}

function result<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.addEventListener('success', () => resolve(request.result));
    request.addEventListener('error', () => reject(request.error!));
  });
}

/** The beginning of every UUID v7 created at this time (epoch ms). */
function firstIdAt(time: number): string {
  const digits = time.toString(16).padStart(12, '0');
  return `${digits.slice(0, 8)}-${digits.slice(8)}`;
}
