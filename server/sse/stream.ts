import { getEventListeners } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type AnyTRPCRouter, getTRPCErrorFromUnknown, getTRPCErrorShape, type TRPCError } from '@trpc/server';
import { Connection, type Flusher } from './connection.ts';
import { controlFrame, type Frame } from './frame.ts';
import type { Beating, Pulse } from './pulse.ts';
import type { PushHandle, PushSink } from './push-source.ts';

/** What all streams of a responder have in common. */
export interface StreamShare {
  config: AnyTRPCRouter['_def']['_config'];
  flusher: Flusher;
  pulse: Pulse;
  /** Those that have not ended. */
  open: Set<Stream>;
  /** The process is about to go: a connection that stayed open would bring its client back to it. */
  isDraining: boolean;
  frameOf(id: string | undefined, data: unknown): Frame;
  serialize(data: unknown): unknown;
  onError?(failure: { error: TRPCError; path: string; input: unknown; req: IncomingMessage }): void;
  onClose?(context: unknown): void;
}

const ping = controlFrame('ping', '');
const returned = controlFrame('return', '');

/** Shared, since a reason of its own for every stream would cost a stack trace each. */
const clientGone = new DOMException('The stream is over.', 'AbortError');

const ignore = () => {};

const propertiesOfPlainSignal = Object.getOwnPropertySymbols(new AbortController().signal).length;

/** By a listener, or by a signal that `AbortSignal.any` has made of it, for which Node gives it one more property. */
function isHeard(signal: AbortSignal): boolean {
  return (
    getEventListeners(signal, 'abort').length > 0 ||
    Object.getOwnPropertySymbols(signal).length > propertiesOfPlainSignal
  );
}

/** A subscription on its way to one client: takes what the procedure brings and lets go of it when either is over. */
export class Stream extends Connection implements PushSink, Beating {
  readonly path: string;
  /** What the procedure was called with, as far as it has asked; for the report of a failure. */
  input: unknown;
  context: unknown;
  readonly #share: StreamShare;
  readonly #req: IncomingMessage;
  #abort: AbortController | WeakRef<AbortController> | undefined;
  #handle: PushHandle | undefined;
  #isClosed = false;

  /** `res` has sent its headers. */
  constructor(share: StreamShare, path: string, req: IncomingMessage, res: ServerResponse) {
    super(res, share.flusher);
    this.path = path;
    this.#share = share;
    this.#req = req;
    share.open.add(this);
    share.pulse.add(this);
    res.on('close', () => {
      this.abandon();
      share.pulse.remove(this);
      this.#close();
    });
    // A socket that breaks closes, too, and that is all there is to do.
    res.on('error', ignore);
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Aborts when the stream is over. */
  signal(): AbortSignal {
    const abort = new AbortController();
    this.#abort = abort;
    return abort.signal;
  }

  /**
   * From now on this brings the events. A signal takes as much memory as everything else about a stream, and mostly
   * nobody holds it any more: where `close` is enough to end the handle, a signal that nobody hears is let go.
   */
  feedFrom(handle: PushHandle, isEndedByClose: boolean): void {
    // It may have ended while it was being opened.
    if (this.#isClosed) return handle.close();
    this.#handle = handle;
    const abort = this.#abort;
    if (!isEndedByClose || !(abort instanceof AbortController) || isHeard(abort.signal)) return;
    this.#abort = new WeakRef(abort);
    // Whoever holds the signal holds its controller, too, and whoever begins to listen need not hold it any longer.
    const { signal } = abort;
    signal.addEventListener = (...args: Parameters<AbortSignal['addEventListener']>) => {
      this.#abort = abort;
      EventTarget.prototype.addEventListener.apply(signal, args);
    };
  }

  greet(connected: Frame): void {
    this.send(connected);
  }

  event(id: string | undefined, data: unknown): boolean {
    return this.send(this.#share.frameOf(id, data));
  }

  end(): void {
    if (this.#isClosed) return;
    this.send(returned);
    this.cut();
  }

  fail(cause: unknown): void {
    if (this.#isClosed) return;
    if (isAbortError(cause)) return this.cut();
    const error = this.#report(cause);
    try {
      this.send(this.#errorFrame(error));
    } catch (formatterError) {
      // All that is left to do is to end.
      this.#report(formatterError);
    }
    this.cut();
  }

  #report(cause: unknown): TRPCError {
    const error = getTRPCErrorFromUnknown(cause);
    this.#share.onError?.({ error, path: this.path, input: this.input, req: this.#req });
    return error;
  }

  #errorFrame(error: TRPCError): Frame {
    const { config, serialize } = this.#share;
    const { path, input } = this;
    const ctx = this.context as object | undefined;
    const shape = getTRPCErrorShape({ config, ctx, error, input, path, type: 'subscription' });
    return controlFrame('serialized-error', JSON.stringify(serialize(shape)));
  }

  /** Ends without saying that nothing follows. */
  cut(): void {
    this.#close();
    this.finish();
    if (this.#share.isDraining && this.#req.httpVersionMajor === 1) this.#req.socket.end();
  }

  ping(): void {
    this.send(ping);
  }

  expire(): void {
    this.#close();
    this.finishOrCut();
  }

  protected override onDrain(): void {
    this.#handle?.resume();
  }

  /** Lets go of what feeds the stream. */
  #close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#share.open.delete(this);
    if (this.context !== undefined) this.#share.onClose?.(this.context);
    this.#handle?.close();
    const abort = this.#abort instanceof WeakRef ? this.#abort.deref() : this.#abort;
    abort?.abort(clientGone);
  }
}

/** As tRPC has it: such a stream just ends. */
function isAbortError(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'name' in error && error.name === 'AbortError';
}
