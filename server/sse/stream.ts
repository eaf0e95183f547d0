import { getEventListeners } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type AnyTRPCRouter, getTRPCErrorFromUnknown, getTRPCErrorShape, type TRPCError } from '@trpc/server';
import { Connection, type Flusher } from './connection.ts';
import { controlFrame, type Frame } from './frame.ts';
import type { KeepAlive, PingedStream } from './keep-alive.ts';
import type { PushHandle, PushSink } from './push-source.ts';

/** Shared by all streams of a responder. */
export interface StreamShare {
  config: AnyTRPCRouter['_def']['_config'];
  flusher: Flusher;
  keepAlive: KeepAlive;
  /** The streams that have not ended. */
  open: Set<Stream>;
  /** The process is about to exit. A connection that stayed open would bring its client back to it. */
  isDraining: boolean;
  frameOf(id: string | undefined, data: unknown): Frame;
  serialize(data: unknown): unknown;
  onError?(failure: { error: TRPCError; path: string; input: unknown; req: IncomingMessage }): void;
  onClose?(context: unknown): void;
}

const ping = controlFrame('ping', '');
const returned = controlFrame('return', '');

/** Shared, since each error of its own would cost a stack trace. */
const clientGone = new DOMException('The stream has ended.', 'AbortError');

const ignore = () => {};

const propertiesOfPlainSignal = Object.getOwnPropertySymbols(new AbortController().signal).length;

/**
 * True for a signal that has a listener, or from which `AbortSignal.any` has made another one: Node then adds a property.
 */
function isUsed(signal: AbortSignal): boolean {
  return (
    getEventListeners(signal, 'abort').length > 0 ||
    Object.getOwnPropertySymbols(signal).length > propertiesOfPlainSignal
  );
}

/** Takes the events of a procedure to one client, and releases both when either ends. */
export class Stream extends Connection implements PushSink, PingedStream {
  readonly path: string;
  /** The procedure's input, once it has been read; for the report of a failure. */
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
    share.keepAlive.add(this);
    res.on('close', () => {
      this.abandon();
      share.keepAlive.remove(this);
      this.#close();
    });
    // `close` follows, too, and does all that is needed.
    res.on('error', ignore);
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Aborts when the stream has ended. */
  signal(): AbortSignal {
    const abort = new AbortController();
    this.#abort = abort;
    return abort.signal;
  }

  /**
   * Takes events from this handle from now on. A signal takes as much memory as everything else of a stream, and most
   * procedures do not keep it. So where `close` is enough to end the handle, an unused signal is released.
   */
  feedFrom(handle: PushHandle, isEndedByClose: boolean): void {
    // The stream may have ended while the procedure was called.
    if (this.#isClosed) return handle.close();
    this.#handle = handle;
    const abort = this.#abort;
    if (!isEndedByClose || !(abort instanceof AbortController) || isUsed(abort.signal)) return;
    this.#abort = new WeakRef(abort);
    // A holder of the signal keeps the controller alive through this method. Once it listens, the stream keeps it.
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

  /** What a procedure's events end with. An AbortError ends the stream without a word, as in tRPC. */
  fail(cause: unknown): void {
    if (isAbortError(cause)) this.cut();
    else this.refuse(cause);
  }

  /** Ends with an error, whatever it is: no event has been asked for yet. */
  refuse(cause: unknown): void {
    if (this.#isClosed) return;
    const error = this.#report(cause);
    try {
      this.send(this.#errorFrame(error));
    } catch (formatterError) {
      // The client cannot be told; the stream ends all the same.
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

  /** Ends without `return`: the client connects again. */
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

  /** Releases the context, the handle and the signal. */
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

function isAbortError(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'name' in error && error.name === 'AbortError';
}
