import fc from 'fast-check';

export type LastEventId = 'own' | 'none' | 'garbage' | 'ahead' | 'older';

/** What a property test of streams does to writers, bus, database and readers. */
export type Step =
  | { do: 'write'; count: number }
  | { do: 'writeLast' }
  | { do: 'sendFromOutside'; isLast: boolean }
  | { do: 'deliver'; how: 'once' | 'twice' | 'never' | 'later' | 'as too large'; count: number }
  | { do: 'deliverGarbage'; text: string }
  | { do: 'bus'; to: 'down' | 'up' }
  | { do: 'holdReads' | 'holdSubscriptions' }
  | { do: 'answerReads'; how: 'late' | 'early' | 'with an error' }
  | { do: 'answerSubscriptions'; isRefused: boolean }
  | { do: 'stopReading' | 'readOn'; reader: number }
  | { do: 'leave'; reader: number; how: 'abort' | 'close' | 'both' }
  | { do: 'come'; reader: number; lastEventId: LastEventId }
  | { do: 'fallback' | 'settle' };

const reader = fc.nat({ max: 1 });
export const steps = fc.array(
  fc.oneof(
    {
      weight: 24,
      arbitrary: fc.record({
        do: fc.constant('write' as const),
        count: fc.oneof(
          { weight: 20, arbitrary: fc.integer({ min: 1, max: 4 }) },
          { weight: 1, arbitrary: fc.constant(300) },
        ),
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('writeLast' as const) }) },
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant('sendFromOutside' as const),
        isLast: fc.constantFrom(false, false, false, true),
      }),
    },
    {
      weight: 32,
      arbitrary: fc.record({
        do: fc.constant('deliver' as const),
        how: fc.constantFrom('once', 'once', 'once', 'twice', 'never', 'later', 'as too large'),
        count: fc.constantFrom(1, 2, 3, 300),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant('deliverGarbage' as const),
        text: fc.oneof(fc.string(), fc.json(), fc.constant('{"n":"1","isLast":false}')),
      }),
    },
    { weight: 8, arbitrary: fc.record({ do: fc.constant('bus' as const), to: fc.constantFrom('down', 'up') }) },
    { weight: 8, arbitrary: fc.record({ do: fc.constantFrom('holdReads' as const, 'holdSubscriptions' as const) }) },
    {
      weight: 12,
      arbitrary: fc.record({
        do: fc.constant('answerReads' as const),
        how: fc.constantFrom('late', 'early', 'with an error'),
      }),
    },
    {
      weight: 8,
      arbitrary: fc.record({
        do: fc.constant('answerSubscriptions' as const),
        isRefused: fc.oneof({ weight: 3, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
      }),
    },
    { weight: 12, arbitrary: fc.record({ do: fc.constantFrom('stopReading' as const, 'readOn' as const), reader }) },
    {
      weight: 8,
      arbitrary: fc.record({
        do: fc.constant('leave' as const),
        reader,
        how: fc.constantFrom('abort', 'close', 'both'),
      }),
    },
    {
      weight: 16,
      arbitrary: fc.record({
        do: fc.constant('come' as const),
        reader,
        lastEventId: fc.constantFrom('own', 'own', 'own', 'none', 'garbage', 'ahead', 'older'),
      }),
    },
    {
      weight: 20,
      arbitrary: fc.record({ do: fc.constantFrom('fallback' as const, 'settle' as const, 'settle' as const) }),
    },
  ) as fc.Arbitrary<Step>,
  { minLength: 20, maxLength: 80, size: 'max' },
);

/** How the last messages are delivered. */
export type Ending = 'once' | 'twice' | 'as too large';
export const endings = fc.constantFrom<Ending>('once', 'twice', 'as too large');
