import type { ChildProcess } from 'node:child_process';

/** What a child process answers to; one argument and one result each, as JSON carries them. */
type Handlers = Record<string, (argument: never) => unknown>;

export type Call<H extends Handlers> = <N extends keyof H & string>(
  name: N,
  ...argument: Parameters<H[N]>
) => Promise<Awaited<ReturnType<H[N]>>>;

interface Question {
  id: number;
  name: string;
  argument: unknown;
}

interface Answer {
  id: number;
  result?: unknown;
  error?: string;
}

/** Asks a child process that has called `answerCalls`. Calls reject when it fails, or ends, or after `timeoutMs`. */
export function callsTo<H extends Handlers>(child: ChildProcess, name: string, timeoutMs = 120_000): Call<H> {
  const waiting = new Map<number, { resolve(result: unknown): void; reject(error: Error): void }>();
  let lastId = 0;
  let ended: Error | undefined;
  child.on('message', (answer: Answer) => {
    const call = waiting.get(answer.id);
    waiting.delete(answer.id);
    if (answer.error === undefined) call?.resolve(answer.result);
    else call?.reject(new Error(`${name}: ${answer.error}`));
  });
  child.on('exit', (code, signal) => {
    ended = new Error(`${name} ended (${signal ?? code})`);
    for (const { reject } of waiting.values()) reject(ended);
    waiting.clear();
  });
  return ((method: string, argument: unknown) =>
    new Promise<unknown>((resolve, reject) => {
      if (ended) return reject(ended);
      const id = ++lastId;
      const timer = setTimeout(() => {
        waiting.delete(id);
        reject(new Error(`${name} has not answered '${method}' within ${timeoutMs} ms`));
      }, timeoutMs);
      waiting.set(id, {
        resolve(result) {
          clearTimeout(timer);
          resolve(result);
        },
        reject(error) {
          clearTimeout(timer);
          reject(error);
        },
      });
      child.send({ id, name: method, argument } satisfies Question);
    })) as never;
}

/** In a child process: answers its parent until that has gone, and ends with it. */
export function answerCalls<H extends Handlers>(handlers: H): void {
  process.on('message', async ({ id, name, argument }: Question) => {
    try {
      const result = await handlers[name]!(argument as never);
      process.send!({ id, result } satisfies Answer);
    } catch (error) {
      process.send!({ id, error: String((error as Error).stack ?? error) } satisfies Answer);
    }
  });
  process.on('disconnect', () => process.exit());
  // Ctrl-C reaches the whole process group: the parent is the one to close.
  process.on('SIGINT', () => {});
}
