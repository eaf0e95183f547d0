import { readFile } from 'node:fs/promises';

/** Of Linux, on all machines that Node runs on. */
const usPerTick = 10_000;

export interface Usage {
  cpuUs: number;
  residentBytes: number;
}

/** CPU time and memory of other processes together, as Linux accounts for them: CPU to 10 ms. */
export async function usageOf(pids: readonly number[]): Promise<Usage> {
  const usages = await Promise.all(
    pids.map(async (pid) => {
      const [stat, rollup] = await Promise.all([
        readFile(`/proc/${pid}/stat`, 'utf8'),
        readFile(`/proc/${pid}/smaps_rollup`, 'utf8'),
      ]);
      // After the name, which may have spaces, the 12th and 13th field.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      const pss = /^Pss:\s+(\d+) kB$/m.exec(rollup)![1];
      return { cpuUs: (Number(fields[11]) + Number(fields[12])) * usPerTick, residentBytes: Number(pss) * 1024 };
    }),
  );
  return {
    cpuUs: usages.reduce((sum, { cpuUs }) => sum + cpuUs, 0),
    residentBytes: usages.reduce((sum, { residentBytes }) => sum + residentBytes, 0),
  };
}

/** Of a process that has one thread. */
export async function childrenOf(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return text.trim().split(' ').filter(Boolean).map(Number);
}
