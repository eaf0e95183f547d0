import { Search } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { ModalDialog } from '#client/ui/modal-dialog.tsx';
import type { Theme } from '#client/ui/use-theme.ts';

export const loadPalette = () => import('./palette.tsx');
const Palette = lazy(async () => ({ default: (await loadPalette()).Palette }));

/** The command palette in a dialog, which takes input even before the palette is loaded. Mount it to open it. */
export function PaletteDialog({ onTheme, onClose }: { onTheme: (theme: Theme) => void; onClose: () => void }) {
  const [search, setSearch] = useState('');
  return (
    <ModalDialog label="Command palette" onClose={onClose} className="mt-[12vh] mb-auto max-w-xl">
      <Suspense
        fallback={
          <div className="flex items-center gap-3 px-4">
            <Search aria-hidden className="size-4 shrink-0 text-muted" />
            <input
              aria-label="Command palette"
              // It replaces the palette's own input, which also takes the focus.
              autoFocus
              autoComplete="off"
              value={search}
              onChange={(event) => setSearch(event.target.value)}
              className="min-h-12 w-full bg-transparent focus:outline-none"
            />
          </div>
        }
      >
        <Palette search={search} onSearch={setSearch} onTheme={onTheme} onClose={onClose} />
      </Suspense>
    </ModalDialog>
  );
}
