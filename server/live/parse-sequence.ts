/** The number that a client sends back as the id of its last event; undefined for anything else. */
export function parseSequence(lastEventId: string | null | undefined): number | undefined {
  return lastEventId && /^\d{1,15}$/.test(lastEventId) ? Number(lastEventId) : undefined;
}
