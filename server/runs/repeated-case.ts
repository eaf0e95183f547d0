/** What a run repeats to see whether it is flaky. */
export interface RepeatedCase {
  caseId: string;
  times: number;
}

/** The same as columns of a run. */
export function columnsOf(repeated: RepeatedCase | null | undefined) {
  return { repeatedCaseId: repeated?.caseId ?? null, repeats: repeated?.times ?? null };
}

/** The same from the columns of a run; null: it repeats no case. */
export function repeatedBy({ repeatedCaseId, repeats }: ReturnType<typeof columnsOf>): RepeatedCase | null {
  return repeatedCaseId === null || repeats === null ? null : { caseId: repeatedCaseId, times: repeats };
}
