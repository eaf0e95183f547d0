import { Download } from 'lucide-react';
import { buttonClass } from '#client/ui/button.tsx';
import type { ComparedSnapshot } from './compared-snapshots.ts';

/** The picture or text that a suite took, under the name of its baseline. */
export function DownloadBaseline({ snapshot: { path, files } }: { snapshot: ComparedSnapshot }) {
  if (!files.actual) return null;
  return (
    <a
      href={files.actual.path}
      download={path.slice(path.lastIndexOf('/') + 1)}
      title={`Put it in place of ${path}`}
      className={buttonClass('secondary', 'sm')}
    >
      <Download aria-hidden className="size-4" /> Download as new baseline
    </a>
  );
}
