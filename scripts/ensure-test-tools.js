// The tests use a real Redis, a real object storage, a real browser and a real sandbox. Installs what this machine lacks with apt where that
// is possible, and else says how to get it.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import path from 'node:path';

const tools = [
  { purpose: 'the Redis that tests talk to', commands: ['redis-server'], apt: 'redis-server', brew: 'redis' },
  {
    purpose: 'the browser that tests drive',
    commands: ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'],
    isThere: hasPlaywrightBrowser,
    apt: 'chromium-headless-shell',
    otherwise: 'npx playwright install chromium',
  },
  { purpose: 'a proxy that tests put in front of Runlight', commands: ['nginx'], apt: 'nginx', brew: 'nginx' },
  {
    purpose: 'a pooler that tests put in front of PostgreSQL',
    commands: ['pgbouncer'],
    apt: 'pgbouncer',
    brew: 'pgbouncer',
  },
  { purpose: 'another such proxy', commands: ['haproxy'], apt: 'haproxy', brew: 'haproxy' },
  { purpose: 'certificates that tests make', commands: ['openssl'], apt: 'openssl', brew: 'openssl' },
  {
    purpose: 'a PostgreSQL for tests that restore a backup',
    commands: [],
    isThere: () => existsSync('/usr/lib/postgresql'),
    apt: 'postgresql',
  },
  {
    purpose: 'the object storage that tests keep files in',
    commands: ['python3-swift'],
    isThere: () => spawnSync('/usr/bin/python3', ['-c', 'import swift']).status === 0,
    apt: 'python3-swift',
  },
  // Only Linux has it; elsewhere runs are not confined.
  ...(process.platform === 'linux'
    ? [{ purpose: 'the sandbox that runs are confined in', commands: ['bwrap'], apt: 'bubblewrap' }]
    : []),
];

function isOnPath(command) {
  // Debian keeps servers where only root's PATH leads.
  return [...(process.env.PATH ?? '').split(path.delimiter), '/usr/sbin'].some((dir) => {
    try {
      accessSync(path.join(dir, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

async function hasPlaywrightBrowser() {
  const { chromium } = await import('@playwright/test');
  return existsSync(chromium.executablePath());
}

function run(command, args) {
  return spawnSync(command, args, { stdio: 'inherit', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } });
}

const missing = [];
for (const tool of tools) if (!tool.commands.some(isOnPath) && !(await tool.isThere?.())) missing.push(tool);

if (missing.length > 0 && isOnPath('apt-get')) {
  const isRoot = process.getuid?.() === 0;
  const hasSudo = !isRoot && isOnPath('sudo') && spawnSync('sudo', ['-n', 'true']).status === 0;
  if (isRoot || hasSudo) {
    const packages = missing.map((tool) => tool.apt);
    console.log(`Installing for the tests: ${packages.join(', ')}`);
    const apt = (...args) => (isRoot ? run('apt-get', args) : run('sudo', ['-n', 'apt-get', ...args]));
    apt('update', '-qq');
    if (apt('install', '-y', '-qq', '--no-install-recommends', ...packages).status === 0) missing.length = 0;
  }
}

if (missing.length > 0) {
  console.error('The tests need what this machine lacks:');
  for (const { purpose, commands, apt, brew, otherwise } of missing) {
    const how =
      process.platform === 'darwin' && brew
        ? `brew install ${brew}`
        : [otherwise, `sudo apt-get install ${apt}`].filter(Boolean).join('   or   ');
    console.error(`  ${commands[0] ?? apt}, ${purpose}:   ${how}`);
  }
  process.exit(1);
}
