/** A reporter that speaks to a worker over the pipe, as small as can be. */
export const smallReporter = String.raw`
const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const statuses = { passed: 'passed', failed: 'failed', timedOut: 'timed_out', skipped: 'skipped', interrupted: 'interrupted' };

module.exports = class {
  socket = new net.Socket({ fd: Number(process.env.RUNLIGHT_PIPE), readable: true, writable: true });
  say(message) { this.socket.write(JSON.stringify(message) + '\n'); }
  add(entry) { this.say({ type: 'entries', entries: [entry] }); }
  printsToStdio() { return false; }
  onBegin(config, suite) {
    this.socket.on('data', () => process.kill(process.pid, 'SIGINT'));
    this.socket.unref();
    this.cases = suite.allTests();
    this.add({ type: 'cases', cases: this.cases.map((it) => ({
      position: null, project: it.titlePath()[1], file: path.relative(config.rootDir, it.location.file),
      titlePath: it.titlePath().slice(3), line: it.location.line, tags: [], annotations: [] })) });
  }
  onTestBegin(test, result) { this.case(test, result, 'running'); }
  onTestEnd(test, result) {
    const ok = test.outcome() === 'expected' || test.outcome() === 'flaky';
    this.case(test, result, result.status === 'skipped' ? 'skipped' : test.results.length > test.retries || ok ? (ok ? 'passed' : result.status === 'passed' ? 'failed' : statuses[result.status]) : 'failed');
    for (const [index, it] of result.attachments.entries()) {
      const written = path.join(process.env.RUNLIGHT_FILES, test.id + index + result.retry);
      if (it.body) fs.writeFileSync(written, it.body);
      const file = 'case-' + this.cases.indexOf(test) + '/' + it.name;
      this.say({ type: 'file', file, path: it.path ?? written, name: it.name, entry: { type: 'artifact', file, kind: 'log', name: it.name, contentType: it.contentType } });
    }
  }
  case(test, result, status) {
    this.add({ type: 'case', index: this.cases.indexOf(test), status, attempt: result.retry, flaky: test.outcome() === 'flaky', duration: null,
      errors: result.errors.map(({ message }) => ({ message: String(message), snippet: null })) });
  }
  onStdOut(chunk, test) { this.add({ type: 'log', stream: 'stdout', text: String(chunk), ...(test && { caseIndex: this.cases.indexOf(test), attempt: 0 }) }); }
  onError(error) { this.add({ type: 'error', error: { message: String(error.message), snippet: null } }); }
  async onEnd({ status }) {
    this.say({ type: 'end', status, undelivered: null, report: null });
    await new Promise((resolve) => this.socket.end(resolve));
  }
};
`;
