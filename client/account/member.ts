import type { Outputs } from '#client/trpc.ts';

export type Member = Outputs['members']['list']['items'][number];
