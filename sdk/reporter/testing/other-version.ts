import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { foreignServer } from '#sdk/live/testing/foreign-server.ts';

export interface Difference {
  /** A call that this version does not understand: why. */
  refuses?(procedure: string, input: { entries?: { type: string }[] }): string | undefined;
  /** What it answers instead. */
  answers?(procedure: string, data: object): object;
}

/** A Runlight of another version, in front of the one at `target`. */
export function otherVersion(target: string, { refuses, answers }: Difference) {
  const passOn = (req: IncomingMessage, body: string | undefined, onAnswer: (answer: IncomingMessage) => void) => {
    const passed = request(target + req.url!, { method: req.method, headers: req.headers }, onAnswer);
    if (body === undefined) req.pipe(passed);
    else passed.end(body);
    return passed;
  };
  return foreignServer(async (req, res) => {
    const [, procedure] = /^\/api\/trpc\/([\w.]+)/.exec(req.url!) ?? [];
    if (procedure === undefined || req.method !== 'POST') {
      const why = procedure && refuses?.(procedure, {});
      if (why) return res.writeHead(404, { 'content-type': 'application/json' }).end(JSON.stringify(errorOf(why)));
      const passed = passOn(req, undefined, (answer) => {
        res.writeHead(answer.statusCode!, answer.headers);
        answer.pipe(res);
      });
      passed.on('error', () => res.destroy());
      return res.on('close', () => passed.destroy());
    }
    const body = await text(req);
    const json = { 'content-type': 'application/json' };
    const [input] = Object.values(JSON.parse(body) as Record<string, object>);
    const why = refuses?.(procedure, input!);
    if (why) return res.writeHead(400, json).end(JSON.stringify([errorOf(why)]));
    return passOn(req, body, async (answer) => {
      const [only] = JSON.parse(await text(answer)) as { result?: { data: object } }[];
      if (only?.result) only.result.data = answers?.(procedure, only.result.data) ?? only.result.data;
      res.writeHead(answer.statusCode!, json).end(JSON.stringify([only]));
    });
  });
}

const errorOf = (message: string) => ({
  error: { message, code: -32_600, data: { code: 'BAD_REQUEST', httpStatus: 400, fieldErrors: {} } },
});
