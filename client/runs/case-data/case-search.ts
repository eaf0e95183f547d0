import type { CaseInfo } from './case-list.ts';
import { caseKinds, type CaseKind } from './list-options.ts';

export type CaseFilter = (info: CaseInfo, kind: CaseKind) => boolean;

const kindNames: Record<CaseKind, string> = {
  failed: 'failed',
  quarantined: 'quarantined',
  flaky: 'flaky',
  passed: 'passed',
  skipped: 'skipped',
  interrupted: 'interrupted',
  not_run: 'notrun',
  running: 'running',
  waiting: 'waiting',
};

/**
 * Reads a search: words, `"several words"`, `@tag`, `file:cart`, `s:failed`, `shard:2`, `p:chromium`. A case matches if all of
 * them do. A qualifier with a value that means nothing is searched as text. Undefined: nothing is searched for.
 */
export function parseCaseSearch(text: string): CaseFilter | undefined {
  const filters = [...text.matchAll(/(\S*?)"([^"]*)"?|\S+/g)].map(([token, prefix, quoted]) =>
    filterOf((quoted === undefined ? token : `${prefix}${quoted}`).toLowerCase()),
  );
  if (filters.length === 0) return undefined;
  return (info, kind) => filters.every((filter) => filter(info, kind));
}

function filterOf(token: string): CaseFilter {
  const byText: CaseFilter = ({ text }) => text.includes(token);
  if (token.length > 1 && token.startsWith('@'))
    return ({ tags }) => tags.some((tag) => tag.toLowerCase().startsWith(token));
  const [, name, value = ''] = /^(file|s|status|shard|p|project):(.+)$/.exec(token) ?? [];
  switch (name) {
    case 'file':
      return ({ file }) => file.toLowerCase().includes(value);
    case 's':
    case 'status': {
      const kinds = caseKinds.filter((kind) => kindNames[kind].startsWith(value.replaceAll(/[-_ ]/g, '')));
      return kinds.length === 0 ? byText : (_, kind) => kinds.includes(kind);
    }
    case 'shard':
      return /^[1-9]\d{0,5}$/.test(value) ? ({ part }) => part === Number(value) - 1 : byText;
    case 'p':
    case 'project':
      return ({ project }) => project.toLowerCase().includes(value);
    default:
      return byText;
  }
}
