import { type ComponentProps, useMemo } from 'react';
import { api } from '#client/query/trpc.ts';
import { useMayEdit } from '#client/session/use-may-edit.ts';
import { useMe } from '#client/session/use-me.ts';
import { CodeEditor } from '#client/ui/code/code-editor.tsx';
import { playwrightCompletions } from './playwright-completions.ts';
import { typeCheck, type TypeWarnings } from './type-check/type-check.ts';

type ScriptEditorProps = Omit<ComponentProps<typeof CodeEditor>, 'label' | 'completions' | 'extension'> & {
  /** Called after each check of the types. Another function begins with a new editor. */
  onWarnings: (warnings: TypeWarnings) => void;
};

/** The code editor with completions for Playwright and, unless it is read-only, warnings of type errors. Loaded lazily. */
export default function ScriptEditor({ onWarnings, ...props }: ScriptEditorProps) {
  const utils = api.useUtils();
  const mayEdit = useMayEdit();
  // Refusals are written to the audit log, so the names are asked for only once the role is known.
  const isKnown = useMe().isSuccess;
  api.variables.list.useQuery(undefined, { enabled: isKnown && mayEdit && !props.readOnly });
  const types = useMemo(() => {
    const variables = () => {
      const known = utils.variables.list.getData()?.items ?? [];
      return ['RUNLIGHT_URL', ...known.map(({ name }) => name)];
    };
    return typeCheck({ variables, completions: playwrightCompletions, onWarnings });
  }, [utils, onWarnings]);
  return (
    <CodeEditor
      label="Script"
      completions={playwrightCompletions}
      extension={props.readOnly ? undefined : types}
      {...props}
    />
  );
}
