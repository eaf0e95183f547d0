/**
 * For the head of the page of Playwright's HTML report. Runlight shows it without an origin, so it has no storage, which
 * Playwright's code requires.
 */
export const ownStorage =
  "<script>try { localStorage } catch { Object.defineProperty(window, 'localStorage', { value: {} }) }</script>";
