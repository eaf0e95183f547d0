/** What a run repeats to see whether it is flaky. */
export interface RepeatedCase {
  caseId: string;
  times: number;
}

/** Of the run's row. */
export function columnsOf(repeated: RepeatedCase | null | undefined) {
  return { repeatedCaseId: repeated?.caseId ?? null, repeats: repeated?.times ?? null };
}

/** Of a run that is run again. */
export function repeatedBy({ repeatedCaseId, repeats }: ReturnType<typeof columnsOf>): RepeatedCase | null {
  return repeatedCaseId === null || repeats === null ? null : { caseId: repeatedCaseId, times: repeats };
}
