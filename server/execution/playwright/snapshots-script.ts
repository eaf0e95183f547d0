/**
 * `snapshots.cjs` of a run's folder: baselines of `toHaveScreenshot`, `toMatchSnapshot` and `toMatchAriaSnapshot`. Used by the
 * process that runs Playwright, in which no script is evaluated.
 *
 * The accepted baselines are in `baselines/<position>/`, which a run can only read. Playwright gets a copy in `snapshots/`, since
 * it writes a missing baseline there. What it writes is lost with the run's folder: the picture that was taken is an artifact,
 * which a person can accept.
 */
export const snapshotsScript = String.raw`
const fs = require('node:fs');
const path = require('node:path');

const baselinesDir = path.join(__dirname, 'baselines');
const snapshotsDir = path.join(__dirname, 'snapshots');
const outputDir = path.join(__dirname, 'output');
/** Files that Playwright has written for one case without attaching them. More are not listed. */
const maxFound = 50;
const contentTypes = { '.png': 'image/png', '.webp': 'image/webp', '.jpg': 'image/jpeg', '.txt': 'text/plain', '.yml': 'text/yaml', '.json': 'application/json' };

const dirOf = (file) => path.basename(file) + '-snapshots';

/** Relative paths of all regular files below a folder. */
function filesIn(dir) {
  if (!fs.existsSync(dir)) return [];
  const names = fs.readdirSync(dir, { recursive: true });
  return names.filter((name) => fs.lstatSync(path.join(dir, name), { throwIfNoEntry: false })?.isFile());
}

/**
 * Copies the baselines for Playwright. files: the file of each script, by position. onSnapshot is called with what an artifact of
 * the run has to do with which baseline: { file, path, role }, where file is relative to the output folder.
 */
exports.openSnapshots = (files, onSnapshot) => {
  /** Accepted baselines, by their path in the folder of copies. */
  const accepted = new Map();
  /** Files in the folder of copies that Playwright has written and attached. */
  const attached = new Set();
  /** The baselines with which cases were compared, by id of the case and name of the attachments. */
  const compared = new Map();
  files.forEach((file, position) => {
    const from = path.join(baselinesDir, String(position));
    for (const name of filesIn(from)) {
      const copy = path.join(dirOf(file), name);
      accepted.set(copy, path.join(from, name));
      fs.mkdirSync(path.dirname(path.join(snapshotsDir, copy)), { recursive: true });
      fs.copyFileSync(path.join(from, name), path.join(snapshotsDir, copy));
    }
  });

  /** The path of a baseline in its test's folder; undefined if it is in none. */
  function baselineOf(copy) {
    const dir = files.map(dirOf).find((dir) => copy.startsWith(dir + path.sep));
    return dir === undefined ? undefined : path.relative(dir, copy).split(path.sep).join('/');
  }

  /** Copies a file to the output, as an artifact. */
  function toOutput(source, copy, role) {
    const file = path.join('snapshots', copy);
    fs.mkdirSync(path.dirname(path.join(outputDir, file)), { recursive: true });
    fs.copyFileSync(source, path.join(outputDir, file));
    const baseline = baselineOf(copy);
    if (baseline !== undefined) onSnapshot({ file, path: baseline, role });
    return path.join(outputDir, file);
  }

  return {
    /** Whether the file is one of the folder of copies. */
    includes(file) {
      try {
        return fs.realpathSync(file).startsWith(fs.realpathSync(snapshotsDir) + path.sep) && fs.lstatSync(file).isFile();
      } catch {
        return false;
      }
    },

    /** The attachment of a baseline as an artifact; undefined for a baseline that was not there before. */
    baseline(params) {
      const copy = path.relative(snapshotsDir, params.path);
      compared.set(params.testId + params.name.replace(/-expected(?=\.|$)/, ''), copy);
      const source = accepted.get(copy);
      if (source !== undefined) return { ...params, path: toOutput(source, copy, 'expected') };
      attached.add(copy);
      return undefined;
    },

    /** Notes the part that an attachment has in a comparison. */
    note({ testId, name, path: file }) {
      const [, role] = /-(actual|diff|previous)(?=\.|$)/.exec(name) ?? [];
      const copy = role && compared.get(testId + name.replace('-' + role, ''));
      const baseline = copy && baselineOf(copy);
      if (!baseline) return;
      onSnapshot({ file: path.relative(outputDir, file), path: baseline, role });
      // Playwright leaves a copy of the baseline beside it.
      if (role === 'actual') fs.rmSync(file.replace(/-actual(?=(\.[^/]*)?$)/, '-expected'), { force: true });
    },

    /** Attachments for what Playwright has written for a case without attaching it. */
    found(testId) {
      return filesIn(snapshotsDir)
        .filter((copy) => !accepted.has(copy) && !attached.has(copy))
        .slice(0, maxFound)
        .map((copy) => {
          attached.add(copy);
          const { base, ext } = path.parse(copy);
          return {
            testId,
            name: base.replace(/(?=\.|$)/, '-actual'),
            contentType: contentTypes[ext] ?? 'application/octet-stream',
            path: toOutput(path.join(snapshotsDir, copy), copy, 'actual'),
          };
        });
    },
  };
};
`;
