import type { RedisSettings } from '#server/config/redis-settings.ts';

/** In braces, so that all keys and channels of this Runlight are in one slot, and so on one node. */
const hashTag = ({ prefix = 'runlight' }: RedisSettings) => `{${prefix}}`;

/** Precedes the names of channels. */
export function channelPrefix(redis: RedisSettings): string {
  if (redis.kind === 'cluster') return `${hashTag(redis)}:`;
  return redis.prefix ? `${redis.prefix}:` : '';
}

/** Precedes BullMQ's keys. */
export function queuePrefix(redis: RedisSettings): string {
  return redis.kind === 'cluster' ? hashTag(redis) : (redis.prefix ?? 'runlight');
}
