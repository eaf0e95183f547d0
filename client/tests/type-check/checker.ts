import ts from 'typescript-5.9';
import { isForgottenPromise } from './forgotten-promise.ts';

/** Offsets are of the script. */
export interface TypeProblem {
  from: number;
  to: number;
  message: string;
}

export interface TypeInfo {
  from: number;
  to: number;
  /** As in `(method) Page.click(selector: string): Promise<void>`. */
  type: string;
  /** First paragraph of the documentation; may be empty. */
  documentation: string;
}

export interface TypeName {
  label: string;
  kind: 'method' | 'property' | 'text';
}

/** A script, and the names of the variables that it can read from `process.env`. */
export interface TypedScript {
  script: string;
  variables: readonly string[];
}

export type Checker = ReturnType<typeof createChecker>;

const scriptFile = '/script.ts';
const variablesFile = '/variables.d.ts';
const mostProblems = 100;

/**
 * Scripts need not be strict TypeScript, so warnings are of what is almost always a fault. Playwright's processes have the types of
 * Node.js, and code for `page.evaluate` has those of a page.
 */
const options: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  moduleDetection: ts.ModuleDetectionKind.Force,
  lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
  types: ['node'],
  strict: false,
  skipLibCheck: true,
  noEmit: true,
};

/**
 * Checks one script at a time. `readFile` has the files below `/node_modules`; TypeScript's own are in `typescript/lib` there. It is
 * TypeScript 5.9: version 7 is a native program, which no browser runs.
 */
export function createChecker(readFile: (name: string) => string | undefined) {
  const current = new Map([
    [scriptFile, { text: '', version: 0 }],
    [variablesFile, { text: '', version: 0 }],
  ]);
  const read = (name: string) => current.get(name)?.text ?? readFile(name);
  const service = ts.createLanguageService({
    getCompilationSettings: () => options,
    getScriptFileNames: () => [...current.keys()],
    getScriptVersion: (name) => String(current.get(name)?.version),
    getScriptSnapshot: (name) => {
      const text = read(name);
      return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
    },
    getCurrentDirectory: () => '/',
    getDefaultLibFileName: () => `/node_modules/typescript/lib/${ts.getDefaultLibFileName(options)}`,
    fileExists: (name) => read(name) !== undefined,
    readFile: read,
  });

  function write(name: string, text: string): void {
    const file = current.get(name)!;
    if (file.text !== text) current.set(name, { text, version: file.version + 1 });
  }
  function open({ script, variables }: TypedScript): void {
    write(scriptFile, script);
    const members = variables.map((name) => `${JSON.stringify(name)}?: string;`).join(' ');
    write(variablesFile, `declare namespace NodeJS { interface ProcessEnv { ${members} } }`);
  }

  return {
    problems(script: TypedScript): TypeProblem[] {
      open(script);
      const program = service.getProgram()!;
      const source = program.getSourceFile(scriptFile)!;
      const faults = [...service.getSyntacticDiagnostics(scriptFile), ...service.getSemanticDiagnostics(scriptFile)];
      const problems = faults.map(({ start = 0, length = 0, messageText }) => ({
        from: start,
        to: start + length,
        message: ts.flattenDiagnosticMessageText(messageText, '\n'),
      }));
      const visit = (node: ts.Node): void => {
        if (isForgottenPromise(node, program.getTypeChecker()))
          problems.push({
            from: node.getStart(source),
            to: node.getEnd(),
            message: 'Nothing waits for this promise. Write `await` before it, or `void` if the test need not wait.',
          });
        ts.forEachChild(node, visit);
      };
      visit(source);
      return problems.sort((a, b) => a.from - b.from).slice(0, mostProblems);
    },

    /** What stands at `at`. */
    info(script: TypedScript, at: number): TypeInfo | null {
      open(script);
      const info = service.getQuickInfoAtPosition(scriptFile, at);
      const type = ts.displayPartsToString(info?.displayParts);
      if (!info || type === 'any') return null;
      const documentation = ts.displayPartsToString(info.documentation).split('\n\n')[0]!;
      const { start, length } = info.textSpan;
      return { from: start, to: start + length, type, documentation };
    },

    /** Members of the value before `at`, or texts that the type at `at` allows. */
    names(script: TypedScript, at: number): TypeName[] {
      open(script);
      const { entries = [], isMemberCompletion } = service.getCompletionsAtPosition(scriptFile, at, {}) ?? {};
      return entries.flatMap(({ name, kind }): TypeName[] => {
        if (kind === ts.ScriptElementKind.string) return [{ label: name, kind: 'text' }];
        if (!isMemberCompletion) return [];
        const isMethod =
          kind === ts.ScriptElementKind.memberFunctionElement || kind === ts.ScriptElementKind.functionElement;
        return [{ label: name, kind: isMethod ? 'method' : 'property' }];
      });
    },
  };
}
