import { CaseList } from '#client/cases/case-list.tsx';
import { useStrips } from '#client/cases/use-strips.ts';
import { Loaded } from '#client/query/loaded.tsx';
import { api } from '#client/query/trpc.ts';
import { useOnResults } from '#client/runs/history/use-on-results.ts';
import { LoadMore } from '#client/ui/load-more.tsx';
import { Section } from '#client/ui/page.tsx';

const lists = [
  { sort: 'failing', title: 'Failing now', none: 'Nothing fails.' },
  { sort: 'flaky', title: 'Flakiest', none: 'Nothing was flaky in the last 14 days.' },
  { sort: 'slow', title: 'Slowest', none: 'Nothing has run in the last 14 days.' },
  { sort: 'new', title: 'New', none: 'No case is new in the last 14 days.' },
] as const;

/** Rows of each list at first. Strips of so many cases fit into one request. */
const shown = 10;

/** The cases of a suite (on a branch) that need a look. */
export default function SuiteCases({ suiteId, branch }: { suiteId: string; branch: string | undefined }) {
  const utils = api.useUtils();
  useOnResults(
    (run) => run.suiteId === suiteId,
    () => {
      void utils.cases.list.invalidate();
      void utils.cases.strips.invalidate();
    },
  );
  return (
    <div className="grid items-start gap-5 lg:grid-cols-2">
      {lists.map((list) => (
        <Cases key={list.sort} suiteId={suiteId} branch={branch} {...list} />
      ))}
    </div>
  );
}

function Cases({
  suiteId,
  branch,
  sort,
  title,
  none,
}: { suiteId: string; branch: string | undefined } & (typeof lists)[number]) {
  const query = api.cases.list.useInfiniteQuery(
    { suiteId, branch, sort, limit: shown },
    { getNextPageParam: (page) => page.nextCursor },
  );
  const cases = query.data?.pages.flatMap(({ items }) => items) ?? [];
  // They stand in an address, which has room for the first ones alone.
  const strips = useStrips(
    cases.slice(0, 8 * shown).map(({ id }) => id),
    branch,
  );
  return (
    <Section title={title}>
      <Loaded query={query} what="cases">
        {() => <CaseList cases={cases} strips={strips} metric={sort} none={none} inSuite branch={branch} />}
      </Loaded>
      <LoadMore pages={query} />
    </Section>
  );
}
