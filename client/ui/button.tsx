import { LoaderCircle } from 'lucide-react';
import type { ComponentProps } from 'react';

type Variant = 'primary' | 'secondary' | 'ghost' | 'danger';
type Size = 'md' | 'sm' | 'icon';

const variants: Record<Variant, string> = {
  primary: 'bg-ink text-on-ink not-disabled:hover:bg-ink-hover',
  secondary: 'border border-line-strong bg-surface not-disabled:hover:bg-hover',
  ghost: 'text-muted not-disabled:hover:bg-hover not-disabled:hover:text-ink',
  danger: 'border border-bad-line bg-bad-tint text-bad not-disabled:hover:border-bad',
};
const sizes: Record<Size, string> = {
  md: 'min-h-10 px-3.5',
  sm: 'min-h-8 px-2.5 text-sm',
  icon: 'size-9 shrink-0',
};

/** The classes of a button, also for links that look like one. */
export function buttonClass(variant: Variant = 'secondary', size: Size = 'md'): string {
  return `inline-flex items-center justify-center gap-2 rounded-lg font-medium whitespace-nowrap transition-colors disabled:opacity-50 aria-busy:cursor-default aria-busy:opacity-50 ${variants[variant]} ${sizes[size]}`;
}

interface ButtonProps extends ComponentProps<'button'> {
  variant?: Variant;
  size?: Size;
  /** The action of the button is in progress: it shows a spinner and cannot be pressed again. */
  busy?: boolean;
}

export function Button({ variant, size, busy = false, onClick, className = '', children, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      // Not `disabled`, which would take the focus away from a button that was just pressed.
      aria-disabled={busy || undefined}
      aria-busy={busy || undefined}
      onClick={busy ? (event) => event.preventDefault() : onClick}
      className={`${buttonClass(variant, size)} ${className}`}
    >
      {busy && <LoaderCircle aria-hidden className="size-4 animate-spin" />}
      {children}
    </button>
  );
}
