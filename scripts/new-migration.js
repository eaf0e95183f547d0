// `npm run db:new -- add-something`: an empty migration, which is then to be listed in server/db/migrate.ts.
import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const dir = path.join(path.dirname(import.meta.dirname), 'server/db/migrations');
const [name] = process.argv.slice(2);
if (!name || !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name)) {
  console.error('Say what it does in kebab case: npm run db:new -- add-something');
  process.exit(1);
}
const count = readdirSync(dir).filter((file) => file.endsWith('.ts')).length;
const number = String(count + 1).padStart(4, '0');
const file = path.join(dir, `${number}-${name}.ts`);
writeFileSync(
  file,
  `import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql\`\`.execute(db);
}
`,
  { flag: 'wx' },
);
console.log(
  `${path.relative(process.cwd(), file)}: fill it in, list it in server/db/migrate.ts, and put rows of new tables into ${number}-${name}.rows.sql.`,
);
