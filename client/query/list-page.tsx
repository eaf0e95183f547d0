import { SearchX } from 'lucide-react';
import type { ReactNode } from 'react';
import { Loaded, type Query } from './loaded.tsx';
import { LoadMore, type Pages } from '#client/ui/load-more.tsx';
import { PageHeader } from '#client/ui/page.tsx';
import { SearchBox } from '#client/ui/search-box.tsx';
import { EmptyState } from '#client/ui/states.tsx';

/** A page with a searchable table of named things, or the reason why it is empty. */
export function ListPage({
  things,
  thing,
  search,
  onSearch,
  filters,
  isFiltered = false,
  pages,
  count,
  create,
  empty,
  notFound = `Try a shorter search, or create a new ${thing}.`,
  children,
}: {
  /** The title, such as `Tests`, and the word for one of them, such as `test`. */
  things: string;
  thing: string;
  search: string;
  onSearch: (text: string) => void;
  /** More controls beside the search. */
  filters?: ReactNode;
  /** One of them leaves things out, so that an empty list does not mean that there is nothing. */
  isFiltered?: boolean;
  pages: Pages & Query<unknown>;
  count: number;
  /** A link that creates a new thing. */
  create: ReactNode;
  /** Shown instead of the table while there is nothing at all. */
  empty: { icon: ReactNode; title: string; text: string };
  /** Below the title when a search finds nothing. */
  notFound?: string;
  children: ReactNode;
}) {
  const name = things.toLowerCase();
  return (
    <>
      <PageHeader title={things}>{create}</PageHeader>
      <div className="mb-4 flex flex-wrap items-center gap-2">
        <SearchBox label={`Search ${name}`} value={search} onSearch={onSearch} />
        {filters}
      </div>
      <div className="@container card overflow-hidden">
        <Loaded query={pages} what={name} rows={5}>
          {() =>
            count > 0 ? (
              children
            ) : search ? (
              <EmptyState icon={<SearchX />} title={`No ${thing} matches “${search}”`}>
                <p>{notFound}</p>
                {create}
              </EmptyState>
            ) : isFiltered ? (
              <EmptyState icon={<SearchX />} title={`There is no such ${thing}`} />
            ) : (
              <EmptyState icon={empty.icon} title={empty.title}>
                <p>{empty.text}</p>
                {create}
              </EmptyState>
            )
          }
        </Loaded>
        <LoadMore pages={pages} />
      </div>
    </>
  );
}
