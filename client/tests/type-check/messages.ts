import type { TypedScript, TypeInfo, TypeName, TypeProblem } from './checker.ts';

/** What each question to the worker is answered with. */
export interface Answers {
  problems: TypeProblem[];
  info: TypeInfo | null;
  names: TypeName[];
}

export interface Question extends TypedScript {
  /** The answer has it, too. */
  id: number;
  about: keyof Answers;
  /** Not of `problems`. */
  at: number;
}

export interface Answer {
  id: number;
  answer: Answers[keyof Answers];
}
