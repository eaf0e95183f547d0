// For embedded-postgres-rig.ts: a process that owns an embedded Postgres and can be killed. Argument: the data
// directory. Says 'loaded', waits for 'start', then tells how that went; stops it on 'stop'.
import { startEmbeddedPostgres } from '#server/db/embedded/embedded-postgres.ts';
import { errorMessage } from '#server/lib/errors.ts';

const [dataDir] = process.argv.slice(2);
const silent = () => {};

process.once('message', async () => {
  try {
    const postgres = await startEmbeddedPostgres({ dataDir: dataDir!, logger: { info: silent, warn: silent } });
    process.once('message', async () => {
      await postgres[Symbol.asyncDispose]();
      process.disconnect();
    });
    process.send!({ connection: postgres.connection, adopted: postgres.adopted, pid: postgres.pid });
  } catch (error) {
    process.send!({ error: errorMessage(error) }, () => process.disconnect());
  }
});
process.send!('loaded');
