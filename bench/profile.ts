import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

interface CpuProfile {
  nodes: { id: number; callFrame: { functionName: string; url: string; lineNumber: number } }[];
  samples: number[];
  timeDeltas: number[];
}

const shown = 25;

/** Prints where the processes that left CPU profiles in the folder were busy, by the function's own time. */
export async function printProfiles(dir: string): Promise<void> {
  for (const file of (await readdir(dir)).filter((name) => name.endsWith('.cpuprofile'))) {
    const profile = JSON.parse(await readFile(path.join(dir, file), 'utf8')) as CpuProfile;
    const names = new Map(profile.nodes.map((node) => [node.id, nameOf(node.callFrame)]));
    const ownUs = new Map<string, number>();
    let busyUs = 0;
    for (const [index, id] of profile.samples.entries()) {
      const name = names.get(id)!;
      if (name.startsWith('(idle)')) continue;
      const us = profile.timeDeltas[index]!;
      busyUs += us;
      ownUs.set(name, (ownUs.get(name) ?? 0) + us);
    }
    console.log(`\n${path.join(dir, file)}: busy for ${(busyUs / 1e6).toFixed(1)} s`);
    for (const [name, us] of [...ownUs].toSorted((a, b) => b[1] - a[1]).slice(0, shown))
      console.log(`${((us / busyUs) * 100).toFixed(1).padStart(6)} %  ${name}`);
  }
}

function nameOf({ functionName, url, lineNumber }: CpuProfile['nodes'][number]['callFrame']): string {
  const place = url === '' ? '' : ` ${url.replace(/^.*\/(?=(dist|node_modules|bench)\/)/, '')}:${lineNumber + 1}`;
  return `${functionName || '(anonymous)'}${place}`;
}
