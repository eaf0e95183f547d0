/** The cases of one part as `runs.manifest` answers: names once, and each case by their indexes. */
export interface Manifest {
  /** Changes when the list does. */
  hash: string | null;
  /** From 0. */
  part: number;
  /** Index in the run of the first case. */
  firstIndex: number;
  /** For a script, its name and its position in the run. */
  files: readonly { name: string; position: number | null }[];
  projects: readonly string[];
  /** With `@`. */
  tags: readonly string[];
  cases: readonly (readonly [
    file: number,
    project: number,
    line: number | null,
    titlePath: readonly string[],
    tags: readonly number[],
  ])[];
}

/** What does not change of a case while its run goes on. */
export interface CaseInfo {
  /** Index in the run, from 0. */
  index: number;
  part: number;
  /** Position of the script in the run, from 0; null in a run of a suite. */
  position: number | null;
  /** The file, or the script's name. */
  file: string;
  project: string;
  /** Titles of the `describe` blocks around it, outermost first. */
  groups: readonly string[];
  /** Its own title; the script's name until Playwright has listed the cases. */
  title: string;
  line: number | null;
  tags: readonly string[];
  /** All that a search by words looks at, in lower case. */
  text: string;
}

/** By index in the run. A case is missing until the list of its part is known. */
export interface CaseList {
  cases: readonly (CaseInfo | undefined)[];
  /** Names of the Playwright projects. */
  projects: readonly string[];
  tags: readonly string[];
  files: readonly string[];
}

export const noCases: CaseList = { cases: [], projects: [], tags: [], files: [] };

/** The cases of all parts. */
export function listCases(manifests: readonly Manifest[]): CaseList {
  const cases: (CaseInfo | undefined)[] = [];
  const projects = new Set<string>();
  const tags = new Set<string>();
  const files = new Set<string>();
  for (const manifest of manifests) {
    for (const project of manifest.projects) projects.add(project);
    for (const tag of manifest.tags) tags.add(tag);
    for (const { name } of manifest.files) files.add(name);
    for (const [offset, [fileIndex, projectIndex, line, titlePath, tagIndexes]] of manifest.cases.entries()) {
      const index = manifest.firstIndex + offset;
      const file = manifest.files[fileIndex];
      const project = manifest.projects[projectIndex] ?? '';
      const name = file?.name ?? '';
      const own = tagIndexes.flatMap((tag) => manifest.tags[tag] ?? []);
      cases[index] = {
        index,
        part: manifest.part,
        position: file?.position ?? null,
        file: name,
        project,
        groups: titlePath.slice(0, -1),
        title: titlePath.at(-1) ?? name,
        line,
        tags: own,
        text: [name, ...titlePath, project, ...own].join(' ').toLowerCase(),
      };
    }
  }
  return { cases, projects: [...projects], tags: [...tags], files: [...files] };
}

/** Titles from the outermost `describe` to the case, as Playwright joins them. */
export const fullTitle = ({ groups, title }: CaseInfo): string => [...groups, title].join(' › ');
