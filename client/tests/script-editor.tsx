import type { ComponentProps } from 'react';
import { CodeEditor } from '#client/ui/code/code-editor.tsx';
import { playwrightCompletions } from './playwright-completions.ts';

/** The code editor with completions for Playwright. Loaded lazily. */
export default function ScriptEditor(props: Omit<ComponentProps<typeof CodeEditor>, 'label' | 'completions'>) {
  return <CodeEditor label="Script" completions={playwrightCompletions} {...props} />;
}
