/** The part of EventSource that makes one connection: the browser's, `FetchEventSource`, or that of the package `eventsource`. */
export interface PlainEventSource {
  addEventListener(type: string, listener: (event: Event) => void): void;
  close(): void;
}
