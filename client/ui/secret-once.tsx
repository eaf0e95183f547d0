import { Check, Copy } from 'lucide-react';
import { useState } from 'react';
import { Button } from './button.tsx';

/** Shows a secret that cannot be shown again, with a copy button. */
export function SecretOnce({ label, text, hint }: { label: string; text: string; hint: string }) {
  const [isCopied, setCopied] = useState(false);
  return (
    <div role="status" className="m-4 rounded-lg border border-good-line bg-good-tint p-4">
      <div className="text-sm font-medium text-good">{label}</div>
      <div className="mt-2 flex items-center gap-2">
        <input
          aria-label={label}
          readOnly
          value={text}
          onFocus={(event) => event.target.select()}
          className="control min-w-0 flex-1 font-mono text-sm"
        />
        <Button
          onClick={() =>
            void navigator.clipboard.writeText(text).then(
              () => setCopied(true),
              // If the browser refuses, the user can still select the text.
              () => setCopied(false),
            )
          }
        >
          {isCopied ? <Check aria-hidden className="size-4" /> : <Copy aria-hidden className="size-4" />}
          {isCopied ? 'Copied' : 'Copy'}
        </Button>
      </div>
      <p className="mt-2 text-sm text-muted">{hint}</p>
    </div>
  );
}
