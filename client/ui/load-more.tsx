import { Button } from './button.tsx';

/** A list that is fetched page by page. */
export interface Pages {
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  isFetchNextPageError: boolean;
  fetchNextPage: () => unknown;
}

/** A button that fetches the next page of a list. Renders nothing after the last page. */
export function LoadMore({ pages }: { pages: Pages }) {
  if (!pages.hasNextPage) return null;
  return (
    <div className="flex flex-wrap items-center justify-center gap-3 border-t border-line p-3">
      {pages.isFetchNextPageError && (
        <p role="alert" className="text-sm text-bad">
          The next page could not be loaded.
        </p>
      )}
      <Button size="sm" busy={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
        {pages.isFetchNextPageError ? 'Try again' : 'Load more'}
      </Button>
    </div>
  );
}
