import { Link } from '@tanstack/react-router';
import { type CiProvider, ciProviders } from './ci-providers.ts';
import { snippetNames } from './snippets.ts';

/** Where the tests run: on a laptop, or in one of the CI providers. */
export function PlaceChoice({ value }: { value: CiProvider | undefined }) {
  return (
    <nav aria-label="Where the tests run" className="flex flex-wrap gap-1.5">
      {[undefined, ...ciProviders].map((ci) => (
        <Link
          key={ci ?? 'laptop'}
          to="/suites/watch"
          search={{ ci }}
          replace
          resetScroll={false}
          activeOptions={{ exact: true, includeSearch: true }}
          aria-current={ci === value ? 'true' : undefined}
          activeProps={{}}
          className={`inline-flex min-h-8 items-center rounded-full border px-3 text-sm ${ci === value ? 'border-ink bg-ink text-on-ink' : 'border-line-strong text-muted hover:bg-hover hover:text-ink'}`}
        >
          {ci ? snippetNames[ci] : 'On a laptop'}
        </Link>
      ))}
    </nav>
  );
}
