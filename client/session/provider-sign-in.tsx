import { useMutation } from '@tanstack/react-query';
import { LogIn } from 'lucide-react';
import { describeProblem, type SignInProblem, signInProblems } from '#shared/sign-in-problem.ts';
import { Button } from '#client/ui/button.tsx';
import { Alert } from '#client/ui/states.tsx';
import { requestJson, returnAddress } from './sign-in.ts';

/** Signs in with the OIDC provider. Shows why the last attempt failed, if it did. */
export function ProviderSignIn({ provider, invitation }: { provider: string; invitation?: string }) {
  const leave = useMutation({
    mutationFn: async () => {
      const to = returnAddress(location.search);
      const { url } = await requestJson<{ url: string }>('/api/auth/oidc/start', {
        to,
        ...(invitation && { invitation }),
      });
      location.assign(url);
    },
  });
  const problem = leave.isIdle ? findProblem(location.search) : undefined;
  return (
    <div className="mt-5 space-y-4">
      {leave.error && <Alert>{leave.error.message}</Alert>}
      {problem && <Alert>{describeProblem(problem, provider)}</Alert>}
      <Button className="w-full" busy={leave.isPending} onClick={() => leave.mutate()}>
        {!leave.isPending && <LogIn aria-hidden className="size-4" />} Continue with {provider}
      </Button>
      <div className="flex items-center gap-3 text-sm text-muted">
        <hr className="flex-1 border-line" /> or with a password <hr className="flex-1 border-line" />
      </div>
    </div>
  );
}

function findProblem(search: string): SignInProblem | undefined {
  const given = new URLSearchParams(search).get('problem');
  return signInProblems.find((problem) => problem === given);
}
