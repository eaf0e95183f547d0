import { expect, test } from 'vitest';
import { createConnection } from './connection.ts';

test('the connection of a page has the state of its worst stream, without those that are connecting', () => {
  const connection = createConnection();
  let changes = 0;
  const unsubscribe = connection.subscribe(() => (changes += 1));
  let retries = 0;
  const [feed, run] = [{ retryNow: () => (retries += 1) }, { retryNow: () => (retries += 1) }];
  connection.report(feed, 'connecting');
  expect(connection.state()).toBe('connecting');
  connection.report(feed, 'live');
  connection.report(run, 'connecting');
  expect(connection.state()).toBe('live');
  connection.report(run, 'polling');
  connection.report(feed, 'reconnecting');
  expect(connection.state()).toBe('polling');
  connection.retryNow();
  expect(retries).toBe(2);
  connection.report(run, null);
  expect(connection.state()).toBe('reconnecting');
  connection.report(feed, null);
  expect(connection.state()).toBe('reconnecting');
  expect(changes).toBe(3);
  unsubscribe();
  connection.report(feed, 'live');
  expect(changes).toBe(3);
});
