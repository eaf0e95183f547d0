import { readFileSync } from 'node:fs';
import path from 'node:path';

/** The folder of package.json, both from sources (server/config) and from the build (dist/server/config). */
export const appDir = path.resolve(import.meta.dirname, import.meta.url.endsWith('.ts') ? '../..' : '../../..');

/** Of Runlight, as package.json has it: the only place where it stands. */
export const { version } = JSON.parse(readFileSync(path.join(appDir, 'package.json'), 'utf8')) as { version: string };
