// What was built from files that are gone would be built on.
import { rmSync } from 'node:fs';
import path from 'node:path';

rmSync(path.join(path.dirname(import.meta.dirname), 'dist'), { recursive: true, force: true });
