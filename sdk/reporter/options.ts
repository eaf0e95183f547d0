/** Options of the reporter in Playwright's configuration. A variable of the environment counts more than its option. */
export interface ReporterOptions {
  /** Where people open Runlight; variable `RUNLIGHT_URL`. */
  url?: string | undefined;
  /** An API key with the role `reporter`, or the access token of a Runlight without accounts; variable `RUNLIGHT_TOKEN`. */
  token?: string | undefined;
  /** The id of the project; default: the one of the key. */
  project?: string | undefined;
  /** Name of the suite; variable `RUNLIGHT_SUITE`; default: the name in the nearest package.json. */
  suite?: string | undefined;
  /** The same for all shards of one run; variable `RUNLIGHT_BUILD_ID`; default: from the CI. */
  buildId?: string | undefined;
  /** Sends Playwright's HTML report, too, if there is one; variable `RUNLIGHT_REPORT=1`; default: false. */
  report?: boolean | undefined;
  /** How long the end of the tests may be held up until Runlight has everything, in seconds; default: 30. */
  catchUpSeconds?: number | undefined;
}
