import { Link } from '@tanstack/react-router';
import { KeyRound } from 'lucide-react';
import { errorText } from '#client/query/api-error.ts';
import { api } from '#client/query/trpc.ts';
import { useMe } from '#client/session/use-me.ts';
import { Button } from '#client/ui/button.tsx';
import { SecretOnce } from '#client/ui/secret-once.tsx';
import { Alert, Skeleton } from '#client/ui/states.tsx';

/** A year. The page of keys has other lifetimes. */
const expiresInDays = 365;

/** The token that the reporter sends: owners make a key here, others read whom to ask. */
export function Token({ token, onToken }: { token: string | null; onToken: (token: string) => void }) {
  const { data: me } = useMe();
  if (!me) return <Skeleton label="Loading who you are" rows={1} />;
  if (me.kind === 'local')
    return (
      <p>
        This Runlight has no accounts, so its token is the access token: it is in the address that Runlight prints when
        it starts, and in the file <code>access-token</code> of its data folder (<code>.runlight/access-token</code>).
        It may do everything here. Keys that can report and nothing else need accounts: set <code>BASE_URL</code> and{' '}
        <code>AUTH_SECRET</code>.
      </p>
    );
  if (me.role !== 'owner') return <WhomToAsk />;
  return <NewKey token={token} onToken={onToken} />;
}

function NewKey({ token, onToken }: { token: string | null; onToken: (token: string) => void }) {
  const utils = api.useUtils();
  const create = api.keys.create.useMutation({
    onSuccess: ({ key }) => onToken(key),
    onSettled: () => utils.keys.list.invalidate(),
  });
  return (
    <>
      <p>
        An API key with the role Reporter can report runs and do nothing else. It expires in a year; you can revoke it
        in the{' '}
        <Link to="/settings/keys" className="link underline">
          API keys
        </Link>
        .
      </p>
      {token === null ? (
        <Button
          busy={create.isPending}
          onClick={() => create.mutate({ name: 'Reporter', role: 'reporter', expiresInDays })}
        >
          {!create.isPending && <KeyRound aria-hidden className="size-4" />} Make a key for reporting
        </Button>
      ) : (
        <div className="-m-4">
          <SecretOnce
            label="The new key"
            text={token}
            hint="It is the value of RUNLIGHT_TOKEN. Save it now: it is not shown again."
          />
        </div>
      )}
      {create.error && <Alert>{errorText(create.error)}</Alert>}
    </>
  );
}

function WhomToAsk() {
  const { data } = api.members.list.useQuery();
  const owners = data?.items.filter(({ role, projectRole }) => role === 'owner' || projectRole === 'owner') ?? [];
  const names = new Intl.ListFormat('en', { type: 'disjunction' }).format(owners.map(({ name }) => name));
  return (
    <p>
      The token is an API key with the role Reporter. Owners of the project make them. Ask {names || 'an owner'} for
      one.
    </p>
  );
}
