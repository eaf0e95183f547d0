import { AppError } from '#server/lib/errors.ts';
import type { Context } from '#server/trpc/context.ts';

/** Streams that may be open at the same time, in one process. */
export interface StreamLimits {
  streamsPerUser: number;
  streamsPerAddress: number;
}

/** Counts the open streams of each user and of each address. The access token has no limit. */
export function createStreamLimits({ streamsPerUser, streamsPerAddress }: StreamLimits) {
  const ofUsers = new Map<string, number>();
  const ofAddresses = new Map<string, number>();
  const add = (counts: Map<string, number>, key: string, change: number) => {
    const count = (counts.get(key) ?? 0) + change;
    if (count === 0) counts.delete(key);
    else counts.set(key, count);
  };
  const refuse = (subject: string, setting: string, limit: number): never => {
    throw new AppError(
      'TOO_MANY_REQUESTS',
      `${subject} has ${limit} streams open, as many as are allowed (${setting}). Close some first.`,
    );
  };
  return {
    /** Counts the stream until it leaves. Throws TOO_MANY_REQUESTS. */
    enter({ principal, address }: Context): void {
      const isLocal = principal.kind === 'local';
      // Many people may have the same link.
      const [setting, most] =
        principal.kind === 'link'
          ? (['STREAMS_PER_ADDRESS', streamsPerAddress] as const)
          : (['STREAMS_PER_USER', streamsPerUser] as const);
      if (!isLocal && (ofUsers.get(principal.id) ?? 0) >= most) refuse(principal.name, setting, most);
      if (!isLocal && (ofAddresses.get(address) ?? 0) >= streamsPerAddress)
        refuse(address, 'STREAMS_PER_ADDRESS', streamsPerAddress);
      add(ofUsers, principal.id, 1);
      add(ofAddresses, address, 1);
    },
    leave({ principal, address }: Context): void {
      add(ofUsers, principal.id, -1);
      add(ofAddresses, address, -1);
    },
  };
}
