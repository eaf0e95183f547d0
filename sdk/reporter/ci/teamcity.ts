import { readFile } from 'node:fs/promises';
import { all, branchOf, type Build, first, type Variables } from './build.ts';

/**
 * https://www.jetbrains.com/help/teamcity/predefined-build-parameters.html: the id of the build is in a file only, and the
 * parameters of its configuration in a second one, which the first names.
 */
export async function teamcity(env: Variables): Promise<Build | undefined> {
  if (!env['TEAMCITY_VERSION']) return undefined;
  const system = await readProperties(env['TEAMCITY_BUILD_PROPERTIES_FILE']);
  const configuration = await readProperties(system.get('teamcity.configuration.properties.file'));
  const id = first(system.get('teamcity.build.id'), configuration.get('teamcity.build.id'));
  const server = configuration.get('teamcity.serverUrl')?.replace(/\/+$/, '');
  const pull = configuration.get('teamcity.pullRequest.number');
  return {
    provider: 'teamcity',
    id: first(id, all`${env['TEAMCITY_PROJECT_NAME']}/${env['TEAMCITY_BUILDCONF_NAME']}#${env['BUILD_NUMBER']}`),
    url: first(env['BUILD_URL'], all`${server}/viewLog.html?buildId=${id}`),
    branch: first(
      configuration.get('teamcity.pullRequest.source.branch'),
      branchOf(configuration.get('teamcity.build.vcs.branch')),
      branchOf(configuration.get('teamcity.build.branch')),
    ),
    sha: first(env['BUILD_VCS_NUMBER']),
    actor: configuration.get('teamcity.build.triggeredBy.username'),
    pullRequest: all`#${pull}`,
  };
}

/** Of a file of Java's properties. */
async function readProperties(file: string | undefined): Promise<Map<string, string>> {
  try {
    const lines = file ? (await readFile(file, 'utf8')).split(/\r?\n/) : [];
    return new Map(
      lines.flatMap((line) => {
        const [, key, value] = /^([^#!\s=:](?:\\.|[^\\=:\s])*)\s*[=:]\s*(.*)$/.exec(line) ?? [];
        return key === undefined || value === undefined ? [] : [[unescaped(key), unescaped(value)] as const];
      }),
    );
  } catch {
    return new Map();
  }
}

function unescaped(text: string): string {
  return text.replaceAll(/\\(u[\da-f]{4}|.)/gi, (_, code: string) =>
    code.length === 5 ? String.fromCharCode(Number.parseInt(code.slice(1), 16)) : code,
  );
}
