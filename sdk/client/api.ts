import type { AppRouter } from '#server/http/router.ts';
import type { Mutation, Query, Subscription } from './procedures.ts';

/** What is left of a value that has travelled as JSON, written out without any name. */
type Json<T> = T extends Date
  ? string
  : T extends object
    ? T extends infer Known
      ? { [Key in keyof Known]: Json<Known[Key]> }
      : never
    : T;

/**
 * The router's procedures with their inputs and outputs. Without the name of a type in its result, so that the compiler
 * writes this file's declarations out in full: they are the package's types, and need nothing of the server.
 */
declare function typesOf<Features>(): {
  readonly [Feature in keyof Features]: {
    readonly [Name in keyof Features[Feature]]: Features[Feature][Name] extends {
      _def: { type: infer Type; $types: { input: infer Input; output: infer Output } };
    }
      ? Type extends 'query'
        ? Query<Json<Input>, Json<Output>>
        : Type extends 'mutation'
          ? Mutation<Json<Input>, Json<Output>>
          : Output extends AsyncIterable<infer Event>
            ? Subscription<Json<Input>, Json<Event>>
            : never
      : never;
  };
};

/** For its type alone: no program has this value. */
export const api = typesOf<AppRouter['_def']['record']>();

/** Every procedure of Runlight, by feature. */
export type Api = typeof api;
