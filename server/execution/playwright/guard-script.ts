/**
 * `guard.cjs` of a run's folder: the first code in each process that evaluates scripts. Playwright reports from there over a
 * channel to which scripts can write, too. So Playwright's own messages are signed and counted. The key is sent before the first
 * script is loaded, and only Playwright's own sender, in a module that is loaded before scripts, can sign.
 *
 * A script cannot forge messages, but it can change Playwright's objects in its own process: the results of its own tests are in
 * its hands anyway.
 */
export const guardScript = String.raw`
const { createHmac, Hmac, randomBytes } = require('node:crypto');
const Module = require('node:module');
const path = require('node:path');

const libDir = path.join(path.dirname(require.resolve('playwright/package.json')), 'lib');
const senderFile = path.join(libDir, 'common/index.js');
const senderCall = 'process.send(message);';

// Not inherited by Node processes that scripts start.
process.execArgv = [];
if (process.send && process.argv[1]?.startsWith(libDir + path.sep)) {
  require('./code.cjs').useCompiledCode(path.basename(process.argv[1], '.js'));
  // Looked up now, since scripts can replace these functions later.
  const { apply } = Reflect;
  const { stringify } = JSON;
  const { update, digest } = Hmac.prototype;
  const { send } = process;
  const key = randomBytes(32).toString('hex');
  let count = 0;
  apply(send, process, [{ key }]);
  const sendSigned = (message) => {
    const body = stringify(message);
    count += 1;
    const mac = apply(digest, apply(update, createHmac('sha256', key), [count + ':' + body]), ['base64']);
    return apply(send, process, [{ body, mac }]);
  };
  // For scripts it does nothing. Programs under test use it to report that they are ready.
  process.send = () => true;

  const compile = Module.prototype._compile;
  Module.prototype._compile = function (content, filename, ...rest) {
    if (filename !== senderFile) return compile.call(this, content, filename, ...rest);
    Module.prototype._compile = compile;
    if (!content.includes(senderCall)) throw new Error('This version of Playwright sends its messages in another way: install the version that Runlight requires.');
    process.runlightSend = sendSigned;
    const take = '"use strict"; const { runlightSend } = process; delete process.runlightSend; ';
    return compile.call(this, take + content.replace(senderCall, 'runlightSend(message);'), filename, ...rest);
  };
}
`;
