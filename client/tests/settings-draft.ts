import { browserNames, type BrowserName, type TestSettings } from '#shared/test-settings.ts';

/** The fields of settings as they are typed; empty: not set. */
export interface SettingsDraft {
  device: string;
  browserName: string;
  viewportWidth: string;
  viewportHeight: string;
  baseURL: string;
  locale: string;
  timezoneId: string;
  testIdAttribute: string;
  storageState: string;
  timeout: string;
  expectTimeout: string;
  retries: string;
  workers: string;
  name: string;
}

const text = (value: string | number | undefined) => (value === undefined ? '' : String(value));

export function toSettingsDraft({ use = {}, expect = {}, ...settings }: TestSettings): SettingsDraft {
  return {
    device: text(settings.device),
    browserName: text(use.browserName),
    viewportWidth: text(use.viewport?.width),
    viewportHeight: text(use.viewport?.height),
    baseURL: text(use.baseURL),
    locale: text(use.locale),
    timezoneId: text(use.timezoneId),
    testIdAttribute: text(use.testIdAttribute),
    storageState: text(use.storageState),
    timeout: text(settings.timeout),
    expectTimeout: text(expect.timeout),
    retries: text(settings.retries),
    workers: text(settings.workers),
    name: text(settings.name),
  };
}

/** What is sent. The server refuses what is not a number or no such name, at its field. */
export function toSettings(draft: SettingsDraft): TestSettings {
  const use = {
    browserName: browserNames.find((name): name is BrowserName => name === draft.browserName),
    viewport:
      draft.viewportWidth.trim() === '' && draft.viewportHeight.trim() === ''
        ? undefined
        : { width: Number(draft.viewportWidth), height: Number(draft.viewportHeight) },
    baseURL: textOf(draft.baseURL),
    locale: textOf(draft.locale),
    timezoneId: textOf(draft.timezoneId),
    testIdAttribute: textOf(draft.testIdAttribute),
    storageState: textOf(draft.storageState),
  };
  return defined({
    name: textOf(draft.name),
    timeout: numberOf(draft.timeout),
    retries: numberOf(draft.retries),
    workers: numberOf(draft.workers),
    device: textOf(draft.device),
    expect: draft.expectTimeout.trim() === '' ? undefined : { timeout: Number(draft.expectTimeout) },
    use: Object.values(use).every((value) => value === undefined) ? undefined : defined(use),
  });
}

const textOf = (value: string) => (value.trim() === '' ? undefined : value.trim());
const numberOf = (value: string) => (value.trim() === '' ? undefined : Number(value));

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

function defined<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as Defined<T>;
}
