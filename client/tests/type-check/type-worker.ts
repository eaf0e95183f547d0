// A web worker that answers questions about the types of a script. It is large: TypeScript, and the types of Playwright, Node.js
// and pages.
import types from 'virtual:script-types';
import { createChecker } from './checker.ts';
import type { Answer, Answers, Question } from './messages.ts';

const checker = createChecker((name) => types[name]);

function answerTo({ about, at, ...script }: Question): Answers[keyof Answers] {
  return about === 'problems' ? checker.problems(script) : checker[about](script, at);
}

addEventListener('message', ({ data }: MessageEvent<Question>) => {
  postMessage({ id: data.id, answer: answerTo(data) } satisfies Answer);
});
