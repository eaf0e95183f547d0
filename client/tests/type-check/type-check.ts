import type { CompletionContext, CompletionResult, CompletionSource } from '@codemirror/autocomplete';
import { typescriptLanguage } from '@codemirror/lang-javascript';
import { syntaxTree } from '@codemirror/language';
import type { Extension } from '@codemirror/state';
import {
  type EditorView,
  hoverTooltip,
  type PluginValue,
  type Tooltip,
  ViewPlugin,
  type ViewUpdate,
} from '@codemirror/view';
import { replaceDiagnostics } from '#client/ui/code/diagnostics.ts';
import { TypeService } from './type-service.ts';

/** Lines with warnings, 1-based, once for each warning; null: types cannot be checked. */
export type TypeWarnings = readonly number[] | null;

const pauseMs = 500;

interface Checked {
  /** Names of the project's variables. */
  variables: () => readonly string[];
  /** Where these offer something, types do not. */
  completions: CompletionSource;
  onWarnings: (warnings: TypeWarnings) => void;
}

/**
 * Warns of type errors in a script, and shows and completes what types know. Types are loaded when the editor is focused or its
 * text changes, and are given up with the editor.
 */
export function typeCheck({ variables, completions, onWarnings }: Checked): Extension {
  class TypeCheck implements PluginValue {
    readonly service = new TypeService(() => onWarnings(null));
    readonly #view: EditorView;
    #timer: ReturnType<typeof setTimeout> | undefined;
    #isKnown = false;
    #isAsking = false;

    constructor(view: EditorView) {
      this.#view = view;
    }

    update({ docChanged, focusChanged, view }: ViewUpdate): void {
      if (docChanged || (focusChanged && view.hasFocus && !this.#isKnown)) this.#schedule();
    }

    destroy(): void {
      clearTimeout(this.#timer);
      this.service.end();
    }

    #schedule(): void {
      this.#isKnown = true;
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => void this.#check(), pauseMs);
    }

    async #check(): Promise<void> {
      // The text is checked again after the answer, if that is of an older one.
      if (this.#isAsking) return;
      this.#isAsking = true;
      const { doc } = this.#view.state;
      const problems = await this.service.ask('problems', { script: doc.toString(), variables: variables() });
      this.#isAsking = false;
      if (problems === null) return;
      if (this.#view.state.doc !== doc) return this.#schedule();
      const warnings = problems.map((problem) => ({ ...problem, severity: 'warning' as const }));
      this.#view.dispatch(replaceDiagnostics(this.#view.state, 'TypeScript', warnings));
      onWarnings(warnings.map(({ from }) => doc.lineAt(from).number));
    }
  }

  const plugin = ViewPlugin.fromClass(TypeCheck);
  const ask = (view: EditorView | undefined) => view?.plugin(plugin)?.service;
  return [
    plugin,
    hoverTooltip(async (view, at): Promise<Tooltip | null> => {
      const script = view.state.doc.toString();
      const info = await ask(view)?.ask('info', { script, variables: variables() }, at);
      return info ? { pos: info.from, end: info.to, create: () => ({ dom: describe(info) }) } : null;
    }),
    typescriptLanguage.data.of({
      async autocomplete(context: CompletionContext): Promise<CompletionResult | null> {
        const { name } = syntaxTree(context.state).resolveInner(context.pos, -1);
        if (!/^(PropertyName|\.|String)$/.test(name) || (await completions(context))) return null;
        const script = context.state.doc.toString();
        const names = await ask(context.view)?.ask('names', { script, variables: variables() }, context.pos);
        if (!names?.length) return null;
        const from = context.matchBefore(/[\w$-]+/)?.from ?? context.pos;
        return { from, options: names.map(({ label, kind }) => ({ label, type: kind })), validFor: /^[\w$-]*$/ };
      },
    }),
  ];
}

function describe({ type, documentation }: { type: string; documentation: string }): HTMLElement {
  const dom = document.createElement('div');
  dom.className = 'cm-typeInfo';
  const code = document.createElement('code');
  code.textContent = type;
  const text = document.createElement('p');
  text.textContent = withoutMarkdown(documentation);
  dom.append(code, ...(documentation ? [text] : []));
  return dom;
}

/** Links as their texts, and no marks of bold text and code. */
function withoutMarkdown(text: string): string {
  return text.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').replaceAll(/\*\*|`/g, '');
}
