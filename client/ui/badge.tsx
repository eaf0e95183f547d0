import type { ReactNode } from 'react';

export type Tone = 'good' | 'bad' | 'warn' | 'busy' | 'quiet';

const tones: Record<Tone, string> = {
  good: 'border-good-line bg-good-tint text-good',
  bad: 'border-bad-line bg-bad-tint text-bad',
  warn: 'border-warn-line bg-warn-tint text-warn',
  busy: 'border-busy-line bg-busy-tint text-busy',
  quiet: 'border-line bg-sunken text-muted',
};

export const toneText: Record<Tone, string> = {
  good: 'text-good',
  bad: 'text-bad',
  warn: 'text-warn',
  busy: 'text-busy',
  quiet: 'text-muted',
};

/** A short label. Its colour repeats what the text says and never replaces it. */
export function Badge({ tone, icon, children }: { tone: Tone; icon?: ReactNode; children: ReactNode }) {
  return (
    <span
      className={`inline-flex items-center gap-1.5 rounded-full border px-2.5 py-0.5 text-[0.8125rem] font-medium whitespace-nowrap ${tones[tone]}`}
    >
      {icon}
      {children}
    </span>
  );
}
