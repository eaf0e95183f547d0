/**
 * Loaded before anything else in each process that evaluates scripts. Playwright reports from there over a channel that scripts
 * can write to as well; therefore what Playwright itself sends is signed, with a key that is told to the other end before
 * the first script is loaded, and counted. Only Playwright's own sender, in a module that is loaded before scripts, can sign.
 *
 * It keeps scripts from forging messages, not from bending Playwright's objects in their own process: what a script says
 * about its own tests is its word anyway.
 */
export const guardScript = String.raw`
const { createHmac, Hmac, randomBytes } = require('node:crypto');
const Module = require('node:module');
const path = require('node:path');

const libDir = path.join(path.dirname(require.resolve('playwright/package.json')), 'lib');
const senderFile = path.join(libDir, 'common/index.js');
const senderCall = 'process.send(message);';

// Scripts may start processes with channels of their own.
process.execArgv = [];
if (process.send && process.argv[1]?.startsWith(libDir + path.sep)) {
  require('./code.cjs').useCompiledCode(path.basename(process.argv[1], '.js'));
  // A script can replace whatever is looked up later.
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
  // Programs under test like to tell their parent that they are ready: nobody listens.
  process.send = () => true;

  const compile = Module.prototype._compile;
  Module.prototype._compile = function (content, filename, ...rest) {
    if (filename !== senderFile) return compile.call(this, content, filename, ...rest);
    Module.prototype._compile = compile;
    if (!content.includes(senderCall)) throw new Error('This version of Playwright sends its messages in another way.');
    process.runlightSend = sendSigned;
    const take = '"use strict"; const { runlightSend } = process; delete process.runlightSend; ';
    return compile.call(this, take + content.replace(senderCall, 'runlightSend(message);'), filename, ...rest);
  };
}
`;
