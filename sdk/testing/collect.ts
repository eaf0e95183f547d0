import type { Arguments, CallOptions, Subscription } from '#sdk/client/procedures.ts';
import { deadline } from './deadline.ts';

export interface CollectOptions<Event> extends CallOptions {
  /** True for the last event that is wanted; default: all until the stream ends. */
  until?: (event: Event) => boolean;
  /** In ms; default 1 minute. */
  timeoutMs?: number;
}

/**
 * The events of a subscription, such as `collect(runlight.runs.onEvents, { runId })`. Throws a `RunlightError` with the
 * code `TIMEOUT` if the last one does not come in time. Leaves no stream open.
 */
export async function collect<Input, Event>(
  subscription: Subscription<Input, Event>,
  input: Input,
  options: CollectOptions<Event> = {},
): Promise<Event[]> {
  const events: Event[] = [];
  const last = options.until ? 'The event that is waited for has not come' : 'The stream has not ended';
  const { signal, clear } = deadline(
    options.timeoutMs ?? 60_000,
    options.signal,
    () => `${last} (events so far: ${events.length})`,
  );
  try {
    for await (const event of subscription.stream(...([input, { signal }] as unknown as Arguments<Input>))) {
      events.push(event);
      if (options.until?.(event)) break;
    }
    return events;
  } finally {
    clear();
  }
}
