import { readFile } from 'node:fs/promises';
import { readProcesses } from '#server/execution/sandbox/process-table.ts';

export interface Usage {
  cpuUs: number;
  residentBytes: number;
}

/** CPU time and memory of other processes together, as Linux accounts for them: CPU to 10 ms. */
export async function usageOf(pids: readonly number[]): Promise<Usage> {
  const rollups = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/smaps_rollup`, 'utf8')));
  const kilobytes = rollups.map((rollup) => Number(/^Pss:\s+(\d+) kB$/m.exec(rollup)![1]));
  return {
    cpuUs: readProcesses(pids).reduce((sum, { cpuSeconds }) => sum + cpuSeconds * 1e6, 0),
    residentBytes: kilobytes.reduce((sum, size) => sum + size * 1_024, 0),
  };
}
