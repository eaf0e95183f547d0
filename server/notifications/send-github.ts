import { z } from 'zod';
import { noGuard } from './address-guard.ts';
import { type Outcome, outcomeOfAnswer } from './outcome.ts';
import type { GithubUpdate } from './render-github.ts';
import { type HttpAnswer, type HttpRequest, sendHttp } from './send-http.ts';

/** Comments of a pull request that are looked through for ours. */
const commentsPerPage = 100;
const mostPages = 10;
const mostListBytes = 16 * 1024 * 1024;

const comments = z.array(z.object({ id: z.number(), body: z.string().nullish() }));

export interface GithubAccess {
  /** Of its API. */
  apiUrl: string;
  repository: string;
  token: string;
  signal: AbortSignal;
}

/** Sets the status of a commit, and makes or updates our comment in a pull request. Doing both again changes nothing. */
export async function sendGithub(access: GithubAccess, { status, comment }: GithubUpdate): Promise<Outcome> {
  const answers: HttpAnswer[] = [];
  if (status) {
    const { sha, targetUrl, ...rest } = status;
    answers.push(await ask(access, 'POST', `statuses/${sha}`, { ...rest, target_url: targetUrl }));
  }
  if (comment && isSuccess(answers.at(-1))) answers.push(...(await putComment(access, comment)));
  const last = answers.at(-1);
  return last ? explained(outcomeOfAnswer(last)) : { ok: true, status: null, body: null, error: null, isFinal: false };
}

/** Asks for the repository, to see whether the token opens it. */
export async function testGithub(access: GithubAccess): Promise<Outcome> {
  return explained(outcomeOfAnswer(await ask(access, 'GET', '')));
}

function explained(outcome: Outcome): Outcome {
  const needs = 'The token needs to read the repository and to write commit statuses and pull requests.';
  return outcome.status !== null && [401, 403, 404].includes(outcome.status)
    ? { ...outcome, error: `${outcome.error} ${needs}` }
    : outcome;
}

const isSuccess = (answer: HttpAnswer | undefined) => !answer || (answer.status >= 200 && answer.status < 300);

async function putComment(
  access: GithubAccess,
  { number, marker, body, onlyUpdate }: NonNullable<GithubUpdate['comment']>,
): Promise<HttpAnswer[]> {
  for (let page = 1; page <= mostPages; page++) {
    const answer = await ask(access, 'GET', `issues/${number}/comments?per_page=${commentsPerPage}&page=${page}`);
    if (!isSuccess(answer)) return [answer];
    const listed = comments.parse(JSON.parse(answer.body));
    const ours = listed.find((it) => it.body?.startsWith(marker));
    if (ours) return [await ask(access, 'PATCH', `issues/comments/${ours.id}`, { body })];
    if (listed.length < commentsPerPage) break;
  }
  return onlyUpdate ? [] : [await ask(access, 'POST', `issues/${number}/comments`, { body })];
}

function ask(
  { apiUrl, repository, token, signal }: GithubAccess,
  method: HttpRequest['method'],
  path: string,
  body?: object,
): Promise<HttpAnswer> {
  const url = new URL(`${apiUrl.replace(/\/$/, '')}/repos/${repository}${path && `/${path}`}`);
  const headers = {
    authorization: `Bearer ${token}`,
    accept: 'application/vnd.github+json',
    'x-github-api-version': '2022-11-28',
  };
  const request = { method, headers, ...(body && { body: JSON.stringify(body) }) };
  // The operator has set the address.
  return sendHttp(url, request, { guard: noGuard, signal, mostBytes: method === 'GET' ? mostListBytes : undefined });
}
