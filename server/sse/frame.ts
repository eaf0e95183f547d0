/** The bytes of one or more events, the same for every client. */
export interface Frame {
  /** As in the body of an event stream. */
  plain: Buffer;
  /** As a chunk of an HTTP/1.1 response (RFC 9112, section 7.1), made once for all sockets. */
  chunk: Buffer;
}

function toFrame(plain: Buffer): Frame {
  const head = `${plain.length.toString(16)}\r\n`;
  const chunk = Buffer.allocUnsafe(head.length + plain.length + 2);
  chunk.write(head, 0, 'latin1');
  plain.copy(chunk, head.length);
  chunk.write('\r\n', head.length + plain.length, 'latin1');
  return { plain, chunk };
}

/** A frame without an id, as tRPC's producer writes it. */
export function controlFrame(event: string, data: string): Frame {
  return toFrame(Buffer.from(`event: ${event}\ndata: ${data}\n\n\n`));
}

/** The frame of an event, as tRPC's producer writes it; `json` is undefined for a value that JSON does not have. */
export function eventFrame(id: string | undefined, json: string | undefined): Frame {
  return toFrame(Buffer.from(`data: ${json}\n${id === undefined ? '' : `id: ${id}\n`}\n\n`));
}

/**
 * Makes the frames of events, once per object: all watchers of a state get the same object, and so the same bytes.
 * `serialize` is the router's output transformer.
 */
export function createFramer(serialize: (data: unknown) => unknown): (id: string | undefined, data: unknown) => Frame {
  const known = new WeakMap<object, { id: string | undefined; frame: Frame }>();
  let lastData: unknown;
  let lastId: string | undefined;
  let lastFrame: Frame | undefined;
  return (id, data) => {
    if (lastFrame && data === lastData && id === lastId) return lastFrame;
    const isObject = typeof data === 'object' && data !== null;
    const cached = isObject ? known.get(data) : undefined;
    const frame = cached && cached.id === id ? cached.frame : eventFrame(id, JSON.stringify(serialize(data)));
    if (isObject) {
      if (frame !== cached?.frame) known.set(data, { id, frame });
      lastData = data;
      lastId = id;
      lastFrame = frame;
    }
    return frame;
  };
}

/** Joins frames that are sent together. Sockets with the same frames get the same bytes. */
export function createJoiner(): (frames: readonly Frame[]) => Frame {
  let parts: readonly Frame[] = [];
  let joined: Frame | undefined;
  return (frames) => {
    const isSame = joined && frames.length === parts.length && frames.every((frame, index) => frame === parts[index]);
    if (isSame) return joined!;
    parts = frames;
    joined = toFrame(Buffer.concat(frames.map((frame) => frame.plain)));
    return joined;
  };
}
