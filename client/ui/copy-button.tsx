import { Check, Copy, Link2 } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Button } from './button.tsx';

interface CopyProps {
  label: string;
  text: () => string;
  icon?: typeof Copy;
  className?: string;
}

/** Copies a text to the clipboard and confirms it. Renders nothing if the page may not use the clipboard. */
export function CopyButton({ label, text, icon: Icon = Copy, className }: CopyProps) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 2_000);
    return () => clearTimeout(timer);
  }, [copied]);

  // Browsers offer the clipboard to secure origins only.
  if (!globalThis.navigator.clipboard) return null;
  const copy = async () => {
    await navigator.clipboard.writeText(text());
    setCopied(true);
  };
  return (
    <Button
      variant="ghost"
      size="sm"
      title={label}
      onClick={() => void copy()}
      {...(className !== undefined && { className })}
    >
      {copied ? <Check aria-hidden className="size-4" /> : <Icon aria-hidden className="size-4" />}
      <span className="sr-only">{copied ? 'Copied' : label}</span>
    </Button>
  );
}

/** Copies the whole address of what `address` is, which may leave out the page: `?case=3`. */
export function CopyLink({ address, ...rest }: Omit<CopyProps, 'text' | 'icon'> & { address: string }) {
  return <CopyButton {...rest} icon={Link2} text={() => new URL(address, location.href).href} />;
}
