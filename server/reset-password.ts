import { pino } from 'pino';
import { insertPasswordReset } from '#server/account/password-reset.ts';
import { systemActor } from '#server/identity/actor.ts';
import { type CloseStack, createCloseStack } from '#server/lib/close-stack.ts';
import { createDatabase, type Database } from '#server/db/database.ts';
import { startEmbeddedPostgres } from '#server/db/embedded/embedded-postgres.ts';
import { defaultProjectId } from '#server/identity/default-ids.ts';
import { type Env, readEnv } from '#server/config/env.ts';
import { errorMessage } from '#server/lib/errors.ts';

/** Inserts a password reset for the user with this address and returns its secret. Throws when there is no such user. */
async function insertResetOf(db: Database, email: string): Promise<string> {
  return db.transaction().execute(async (trx) => {
    const user = await trx.selectFrom('users').select(['id', 'name']).where('email', '=', email).executeTakeFirst();
    if (!user) throw new Error(`No user has the address ${email}.`);
    return insertPasswordReset(trx, { userId: user.id }, systemActor(defaultProjectId), user);
  });
}

async function openDatabase(env: Env, stack: CloseStack): Promise<Database> {
  const embedded =
    env.DATABASE_URL === undefined
      ? stack.use(await startEmbeddedPostgres({ dataDir: env.DATA_DIR, logger: pino({ level: 'silent' }) }))
      : undefined;
  const { db, pool, destroy } = createDatabase(embedded?.connection ?? { connectionString: env.DATABASE_URL }, {
    onError: () => {},
  });
  stack.defer(destroy);
  await pool.query('select 1 from password_resets limit 1').catch((error: unknown) => {
    throw new Error(
      `The database cannot be read: ${errorMessage(error)}. Check DATABASE_URL, and that Runlight has been started with it.`,
      { cause: error },
    );
  });
  return db;
}

/** For operators, when no owner can sign in: prints a reset link like those of `members.resetLink`. */
async function main(address: string | undefined): Promise<void> {
  const stack = createCloseStack((error) => process.stderr.write(`${errorMessage(error)}\n`));
  try {
    if (!address) throw new Error('An address is missing: npm run reset-password -- EMAIL');
    const env = readEnv();
    if (env.BASE_URL === undefined) throw new Error('There are no accounts: BASE_URL and AUTH_SECRET are not set.');
    const secret = await insertResetOf(await openDatabase(env, stack), address.toLowerCase());
    process.stdout.write(
      `${new URL(`/reset/${secret}`, env.BASE_URL)}\nOpens once and within a day, and signs them out everywhere else.\n`,
    );
  } catch (error) {
    process.stderr.write(`No link was made: ${errorMessage(error)}\n`);
    process.exitCode = 1;
  } finally {
    await stack[Symbol.asyncDispose]();
  }
}

await main(process.argv[2]);
