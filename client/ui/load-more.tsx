import { Button } from './button.tsx';

/** A list that is fetched page by page. */
export interface Pages {
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  isFetchNextPageError: boolean;
  fetchNextPage: () => unknown;
}

/** Fetches the next page of a list, while there is one. */
export function LoadMore({ pages }: { pages: Pages }) {
  if (!pages.hasNextPage) return null;
  return (
    <div className="flex flex-wrap items-center justify-center gap-3 border-t border-line p-3">
      {pages.isFetchNextPageError && (
        <p role="alert" className="text-sm text-bad">
          More could not be loaded.
        </p>
      )}
      <Button size="sm" busy={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
        {pages.isFetchNextPageError ? 'Try again' : 'Load more'}
      </Button>
    </div>
  );
}
