import { z } from 'zod';

/** Text for a single line: what would break or disguise the line becomes a space. Null if nothing is left. */
export const oneLine = (mostChars: number) =>
  z
    .string()
    .transform((value) =>
      value
        .replaceAll(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]+/gu, ' ')
        .trim()
        .slice(0, mostChars),
    )
    .transform((value) => (value === '' ? null : value.toWellFormed()))
    .nullish();
