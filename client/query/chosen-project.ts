const storageKey = 'runlight-project';

/** The project that this browser shows, if one was chosen; otherwise the server chooses. */
export function chosenProject(): string | undefined {
  try {
    return localStorage.getItem(storageKey) ?? undefined;
  } catch {
    // Storage may be switched off; the server's choice is then all there is.
    return undefined;
  }
}

/** Shows another project from now on; loads the app anew, so that nothing of the other one is kept. */
export function chooseProject(projectId: string | undefined): void {
  try {
    if (projectId === undefined) localStorage.removeItem(storageKey);
    else localStorage.setItem(storageKey, projectId);
  } catch {
    return;
  }
  location.assign('/');
}
