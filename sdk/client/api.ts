import type { AppRouter } from '#server/http/router.ts';
import type { Mutation, Query, Subscription } from './procedures.ts';

/** What is left of a value that has travelled as JSON. */
type Json<T> = T extends Date ? string : T extends object ? { [Key in keyof T]: Json<T[Key]> } : T;

type ClientOf<Procedure> = Procedure extends {
  _def: { type: infer Type; $types: { input: infer Input; output: infer Output } };
}
  ? Type extends 'query'
    ? Query<Input, Json<Output>>
    : Type extends 'mutation'
      ? Mutation<Input, Json<Output>>
      : Output extends AsyncIterable<infer Event>
        ? Subscription<Input, Json<Event>>
        : never
  : never;

type Features = AppRouter['_def']['record'];

/** Every procedure of Runlight, by feature. `scripts/print-api.js` writes it out for the package, without the router. */
export type Api = {
  readonly [Feature in keyof Features]: {
    readonly [Name in keyof Features[Feature]]: ClientOf<Features[Feature][Name]>;
  };
};
