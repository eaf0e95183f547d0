/**
 * A random delay (ms) of at most the outage's duration so far. So delays grow with the outage, whatever else has caused
 * attempts, and clients that lost their connections together do not come back together.
 */
export function retryDelayMs({
  failingForMs,
  minDelayMs,
  maxDelayMs,
}: {
  failingForMs: number;
  minDelayMs: number;
  maxDelayMs: number;
}): number {
  return Math.random() * Math.min(maxDelayMs, Math.max(minDelayMs, failingForMs));
}
