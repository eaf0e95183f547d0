import { describe, expect, it } from 'vitest';
import { createCloseStack } from './close-stack.ts';

/** Notes what is closed, in the order in which it was closed. */
function setUp() {
  const closed: string[] = [];
  const errors: unknown[] = [];
  const stack = createCloseStack((error) => errors.push(error));
  return {
    stack,
    closed,
    errors,
    close: () => stack[Symbol.asyncDispose](),
    sync: (name: string): Disposable => ({ [Symbol.dispose]: () => void closed.push(name) }),
    async: (name: string, until: Promise<void> = Promise.resolve()): AsyncDisposable => ({
      async [Symbol.asyncDispose]() {
        await until;
        closed.push(name);
      },
    }),
  };
}

describe('a close stack', () => {
  it('closes in reverse order, each resource after the one before is closed', async () => {
    const { stack, closed, close, sync, async } = setUp();
    stack.use(sync('database'));
    stack.use(async('queue'));
    stack.defer(() => closed.push('server'));
    stack.use(async('worker', new Promise((resolve) => setImmediate(resolve))));
    expect(closed).toEqual([]);
    await close();
    expect(closed).toEqual(['worker', 'server', 'queue', 'database']);
  });

  it('returns the resource that it takes over', () => {
    const { stack, sync } = setUp();
    const resource = sync('database');
    expect(stack.use(resource)).toBe(resource);
  });

  it('closes a resource asynchronously if it can be closed both ways', async () => {
    const { stack, closed, close, sync, async } = setUp();
    stack.use({ ...sync('at once'), ...async('in its own time') });
    await close();
    expect(closed).toEqual(['in its own time']);
  });

  it('reports failures, thrown or rejected, and closes everything else', async () => {
    const { stack, closed, errors, close, sync } = setUp();
    const [thrown, rejected] = [new Error('thrown'), new Error('rejected')];
    stack.use(sync('first'));
    stack.defer(() => {
      throw thrown;
    });
    stack.use(sync('second'));
    stack.defer(() => Promise.reject(rejected));
    stack.use(sync('third'));
    await close();
    expect(closed).toEqual(['third', 'second', 'first']);
    expect(errors).toEqual([rejected, thrown]);
  });

  it('waits, when it is closed twice, for the first call, and closes nothing a second time', async () => {
    const { stack, closed, close, sync, async } = setUp();
    let finish = () => {};
    stack.use(sync('first'));
    stack.use(async('second', new Promise<void>((resolve) => (finish = resolve))));
    const both = Promise.all([close(), close()]).then(() => closed.push('both calls are over'));
    await Promise.resolve();
    expect(closed).toEqual([]);
    finish();
    await both;
    await close();
    expect(closed).toEqual(['second', 'first', 'both calls are over']);
  });

  it('closes what is added while it closes', async () => {
    const { stack, closed, close, sync } = setUp();
    stack.use(sync('first'));
    stack.defer(() => void stack.use(sync('opened while closing')));
    await close();
    expect(closed).toEqual(['opened while closing', 'first']);
  });
});
