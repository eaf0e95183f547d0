import { ExternalLink } from 'lucide-react';
import { useState } from 'react';
import { Skeleton } from '#client/ui/states.tsx';

/**
 * Playwright's report. Its content comes from tests and is not trusted, so its frame has an origin of its own: it can
 * neither read this page nor call the API as the user.
 */
export function RunReport({ reportPath, name }: { reportPath: string; name: string }) {
  const [loaded, setLoaded] = useState(false);
  return (
    <div className="relative flex h-[75dvh] min-h-96 flex-col">
      <p className="flex justify-end border-b border-line px-4 py-2 text-sm">
        <a href={reportPath} target="_blank" rel="noreferrer" className="link inline-flex items-center gap-1.5">
          <ExternalLink aria-hidden className="size-4" /> Open in a new tab
        </a>
      </p>
      {!loaded && <Skeleton label="Loading the report" className="absolute inset-x-0 top-10" />}
      <iframe
        src={reportPath}
        title={`Report of ${name}`}
        sandbox="allow-scripts allow-popups allow-popups-to-escape-sandbox allow-downloads"
        onLoad={() => setLoaded(true)}
        className={`w-full flex-1 bg-white ${loaded ? '' : 'opacity-0'}`}
      />
    </div>
  );
}
