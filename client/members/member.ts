import type { Outputs } from '#client/query/trpc.ts';

export type Member = Outputs['members']['list']['items'][number];
