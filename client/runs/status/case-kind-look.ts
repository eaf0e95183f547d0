import { ShieldAlert, Shuffle, type LucideIcon } from 'lucide-react';
import type { Tone } from '#client/ui/badge.tsx';
import type { CaseKind } from '#client/runs/case-data/list-options.ts';
import { testStatusLook } from './status-look.ts';

interface CaseLook {
  label: string;
  tone: Tone;
  icon: LucideIcon;
  /** Of a part of a bar. */
  bar: string;
}

const { failed, passed, skipped, not_run, interrupted, running, pending } = testStatusLook;

export const caseKindLook: Record<CaseKind, CaseLook> = {
  failed: { ...failed, bar: 'bg-bad' },
  quarantined: { label: 'Failed in quarantine', tone: 'warn', icon: ShieldAlert, bar: 'bar-quarantined' },
  flaky: { label: 'Flaky', tone: 'warn', icon: Shuffle, bar: 'bg-warn' },
  passed: { ...passed, bar: 'bg-good' },
  skipped: { ...skipped, bar: 'bg-line-strong' },
  interrupted: { ...interrupted, bar: 'bg-control' },
  not_run: { ...not_run, bar: 'bg-line-strong' },
  running: { ...running, bar: 'bg-busy' },
  waiting: { ...pending, label: 'Waiting', bar: 'bg-line' },
};
