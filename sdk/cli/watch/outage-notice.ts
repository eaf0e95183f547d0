import { formatElapsed } from '#client/ui/format.ts';

/** Shorter outages are not worth a line: proxies and restarts cut streams all the time. */
const graceMs = 2_000;

/** Says on one line that the connection is lost, and on another that it is back. */
export function createOutageNotice(say: (text: string) => void) {
  let timer: NodeJS.Timeout | undefined;
  let lostAt: number | undefined;
  let isSaid = false;
  return {
    change(lost: string | undefined): void {
      if (lost === undefined) {
        clearTimeout(timer);
        if (isSaid && lostAt !== undefined)
          say(`Connected to Runlight again after ${formatElapsed(performance.now() - lostAt)}.`);
        lostAt = undefined;
        isSaid = false;
        return;
      }
      if (lostAt !== undefined) return;
      lostAt = performance.now();
      timer = setTimeout(() => {
        isSaid = true;
        say(`The connection to Runlight is lost (${lost}); reconnecting. The run goes on.`);
      }, graceMs);
    },
    close: () => clearTimeout(timer),
  };
}
