import type { SuiteOptions } from './suites.ts';

/** How an option takes its value. `optional`: the value is one of these words, or missing. */
type Takes = 'nothing' | 'value' | 'values' | readonly string[];

const updateModes = ['all', 'changed', 'missing', 'none'];

/** Options that are passed on to Playwright as they are. */
const passedOn: Record<string, Takes> = {
  '--fail-on-flaky-tests': 'nothing',
  '--forbid-only': 'nothing',
  '--fully-parallel': 'nothing',
  '--global-timeout': 'value',
  '--ignore-snapshots': 'nothing',
  '--max-failures': 'value',
  '--no-deps': 'nothing',
  '--pass-with-no-tests': 'nothing',
  '--repeat-each': 'value',
  '--retries': 'value',
  '--timeout': 'value',
  '--trace': 'value',
  '--update-snapshots': updateModes,
  '--workers': 'value',
  '-j': 'value',
  '-u': updateModes,
  '-x': 'nothing',
};

/** Options that Runlight has for itself. */
const own: Record<string, Takes> = {
  '--project': 'values',
  '--grep': 'value',
  '-g': 'value',
  '--grep-invert': 'value',
  '-G': 'value',
  '-gv': 'value',
};

const noScreen = 'workers have no screen';
const history = 'run the cases that failed again in Runlight (runs.retry)';

/** Options that are refused, and why. */
const refused: Record<string, string> = {
  '--add-reporter': 'Runlight reports the run itself; other reporters belong into the config',
  '--browser': 'choose a project with --project',
  '--config': 'the config is chosen when the suite is pushed',
  '--debug': noScreen,
  '--headed': noScreen,
  '--last-failed': history,
  '--last-failed-file': history,
  '--list': 'it would run nothing',
  '--only-changed': 'a bundle has no history of git',
  '--output': 'Runlight chooses the folder, to keep what is in it',
  '--quiet': 'the output is the log of the run',
  '--reporter': 'Runlight reports the run itself; other reporters belong into the config',
  '--shard': 'choose the number of shards with --shards',
  '--test-list': 'Runlight uses it to choose cases',
  '--test-list-invert': 'Runlight uses it to choose cases',
  '--ui': noScreen,
  '--ui-host': noScreen,
  '--ui-port': noScreen,
  '-c': 'the config is chosen when the suite is pushed',
};

/** Playwright's command line after `playwright test` as options of a run; or what is wrong with it, as a sentence. */
export function readArgs(words: readonly string[]): { options: SuiteOptions } | { problem: string } {
  const options: { [Key in 'projects' | 'files' | 'args']: string[] } & Pick<SuiteOptions, 'grep' | 'grepInvert'> = {
    projects: [],
    files: [],
    args: [],
  };
  const rest = [...words];
  while (rest.length > 0) {
    const word = rest.shift()!;
    if (!word.startsWith('-')) {
      options.files.push(word);
      continue;
    }
    const [name, attached] = splitOption(word);
    const takes = passedOn[name] ?? own[name];
    if (takes === undefined) return { problem: whyRefused(name) };
    if (takes === 'nothing' && attached !== undefined) return { problem: `${name} takes no value.` };
    const values = attached === undefined ? takeValues(rest, takes) : [attached];
    if ((takes === 'value' || takes === 'values') && values.length === 0) return { problem: `${name} needs a value.` };
    if (name in passedOn) options.args.push(values.length === 0 ? name : joinOption(name, values[0]!));
    else if (name === '--project') options.projects.push(...values);
    else options[name === '--grep' || name === '-g' ? 'grep' : 'grepInvert'] = values[0]!;
  }
  const { projects, files, args, ...patterns } = options;
  return {
    options: {
      ...patterns,
      ...(projects.length > 0 && { projects }),
      ...(files.length > 0 && { files }),
      ...(args.length > 0 && { args }),
    },
  };
}

/** What is wrong with these as `args` of a run, as a sentence; undefined if nothing is. */
export function checkArgs(args: readonly string[]): string | undefined {
  const read = readArgs(args);
  if ('problem' in read) return read.problem;
  const { projects, grep, grepInvert, files } = read.options;
  if (files) return `"${files[0]}" is no option: files have a field of their own (files).`;
  if (projects ?? grep ?? grepInvert) return 'projects, grep and grepInvert have fields of their own.';
  return undefined;
}

/** `--retries=2` and `-j4` have their value attached. */
function splitOption(word: string): [name: string, value: string | undefined] {
  if (!word.startsWith('--')) {
    const short = Object.keys({ ...passedOn, ...own, ...refused }).find(
      (name) => name.length === 2 && word.startsWith(name) && word !== '-gv',
    );
    return short && word !== short ? [short, word.slice(2)] : [word, undefined];
  }
  const at = word.indexOf('=');
  return at === -1 ? [word, undefined] : [word.slice(0, at), word.slice(at + 1)];
}

const joinOption = (name: string, value: string) => (name.startsWith('--') ? `${name}=${value}` : `${name}${value}`);

/** Takes the values of an option from the words after it. */
function takeValues(rest: string[], takes: Takes): string[] {
  if (takes === 'nothing') return [];
  if (takes === 'value') return rest.splice(0, 1);
  const end = rest.findIndex((word) => (takes === 'values' ? word.startsWith('-') : !takes.includes(word)));
  return rest.splice(0, takes === 'values' ? (end === -1 ? rest.length : end) : end === 0 ? 0 : 1);
}

function whyRefused(name: string): string {
  const why = refused[name];
  return why === undefined
    ? `${name} is not one of the options that runs on workers take: ${Object.keys(passedOn).join(', ')}.`
    : `${name} cannot be used on workers: ${why}.`;
}
