/** Lends connection slots to streams, where a browser allows fewer connections than there are streams. */
export interface ConnectionSlots {
  /**
   * Resolves to a function that returns the slot, once one is free; rejects when `signal` aborts first. Calls `onWanted`
   * when the slot has been held long enough and another stream waits for it.
   */
  take(signal: AbortSignal, onWanted: () => void): Promise<() => void>;
}
