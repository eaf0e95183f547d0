/** How long a tab that has not the focus leaves an announcement to one that has it, in ms. */
const courtesyMs = 300;
/** For how long it is remembered what was announced, in ms. */
const memoryMs = 24 * 3_600_000;

/**
 * Resolves to true in one tab of this browser, and in no other ever: that one tells the user of the run's end. It is the
 * one that they look at, or the first that they look at again.
 */
export async function claimAnnouncement(runId: string): Promise<boolean> {
  await untilVisible();
  if (!document.hasFocus()) await new Promise((resolve) => setTimeout(resolve, courtesyMs));
  try {
    return await addOnce(runId);
  } catch {
    // Without storage, to say it in two tabs is better than in none.
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

/** The browser's database decides between tabs that ask at once: a key is added once. */
async function addOnce(runId: string): Promise<boolean> {
  const open = indexedDB.open('runlight', 1);
  open.addEventListener('upgradeneeded', () => open.result.createObjectStore('announced'));
  const db = await result(open);
  try {
    const store = db.transaction('announced', 'readwrite').objectStore('announced');
    // Ids begin with the time that they were made at.
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

/** The beginning of every UUID v7 of this moment (epoch ms). */
function firstIdAt(time: number): string {
  const digits = time.toString(16).padStart(12, '0');
  return `${digits.slice(0, 8)}-${digits.slice(8)}`;
}
