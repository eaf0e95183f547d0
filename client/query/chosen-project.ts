const storageKey = 'runlight-project';

/** The id of the project that this browser shows. Undefined: the server chooses one. */
export function chosenProject(): string | undefined {
  try {
    return localStorage.getItem(storageKey) ?? undefined;
  } catch {
    // Storage may be switched off.
    return undefined;
  }
}

/** Shows another project from now on. Reloads the app, so that no data of the previous project is kept. */
export function chooseProject(projectId: string | undefined): void {
  try {
    if (projectId === undefined) localStorage.removeItem(storageKey);
    else localStorage.setItem(storageKey, projectId);
  } catch {
    return;
  }
  location.assign('/');
}
