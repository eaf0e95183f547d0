import type { ProcessesResult } from './results.ts';

const titles: Record<ProcessesResult['entrance'], (processes: number) => string> = {
  direct: () => '1, direct',
  cluster: (processes) => `${processes}, \`API_PROCESSES\``,
  nginx: (processes) => `${processes}, nginx`,
};

const kib = (bytes: number) => (bytes / 1024).toFixed(1);

/** Cells of a table. The first row is its head. */
export function processesTable(results: readonly ProcessesResult[]): string[][] {
  return [
    [
      'API processes',
      'watchers',
      'connect, s',
      'CPU each, µs',
      'CPU a frame, µs',
      'p50, ms',
      'p99, ms',
      'KiB each',
      'lost',
    ],
    ...results.map((it) => {
      const withProxy = (own: string, proxy: string) => (it.entrance === 'direct' ? own : `${own} + ${proxy}`);
      return [
        titles[it.entrance](it.processes),
        it.watchers.toLocaleString('en'),
        it.connectS.toFixed(1),
        withProxy(it.connectCpuUs.toFixed(0), it.connectProxyCpuUs.toFixed(0)),
        withProxy(it.serverCpuUs.toFixed(1), it.proxyCpuUs.toFixed(1)),
        it.latencyP50Ms.toFixed(0),
        it.latencyP99Ms.toFixed(0),
        withProxy(kib(it.bytesPerWatcher), kib(it.proxyBytesPerWatcher)),
        String(it.lost),
      ];
    }),
  ];
}
