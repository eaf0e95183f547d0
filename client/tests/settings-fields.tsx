import { useId } from 'react';
import { api } from '#client/query/trpc.ts';
import { Field } from '#client/ui/field.tsx';
import { TextField } from '#client/ui/text-field.tsx';
import { type BrowserName, browserNames, mergeSettings, type TestSettings } from '#shared/test-settings.ts';
import { type SettingsDraft, toSettingsDraft } from './settings-draft.ts';

const browserLabels: Record<BrowserName, string> = { chromium: 'Chromium', firefox: 'Firefox', webkit: 'WebKit' };

/** Playwright's own defaults. */
const playwrightDefaults: Partial<SettingsDraft> = {
  viewportWidth: '1280',
  viewportHeight: '720',
  locale: 'en-US',
  testIdAttribute: 'data-testid',
  timeout: '30000',
  expectTimeout: '5000',
  retries: '0',
  workers: '1',
  name: 'chromium',
};

/** The settings of a test or project, under the names of Playwright's configuration. */
export default function SettingsFields({
  draft,
  defaults = {},
  errors,
  onChange,
}: {
  draft: SettingsDraft;
  /** They apply to empty fields. */
  defaults?: TestSettings;
  /** By names such as `settings.use.baseURL`. */
  errors: Record<string, string>;
  onChange: (draft: SettingsDraft) => void;
}) {
  const devices = api.projects.devices.useQuery(undefined, { staleTime: Infinity });
  const deviceList = useId();
  // A device of the test replaces the default browser and viewport.
  const inherited = toSettingsDraft(
    mergeSettings(defaults, draft.device.trim() === '' ? {} : { device: draft.device }),
  );
  const field = (name: keyof SettingsDraft, setting: string, label: string) => ({
    label,
    hint: <code className="font-mono text-xs break-all">{setting}</code>,
    error: errors[`settings.${setting}`],
    value: draft[name],
    placeholder: inherited[name] || playwrightDefaults[name] || '',
    autoComplete: 'off',
    spellCheck: false,
    onChange: (value: string) => onChange({ ...draft, [name]: value }),
  });
  const number = (name: keyof SettingsDraft, setting: string, label: string) => ({
    ...field(name, setting, label),
    type: 'number',
    inputMode: 'numeric' as const,
    min: 0,
    step: 1,
  });
  const chosenDevice = devices.data?.items.find(({ name }) => name === (draft.device.trim() || inherited.device));
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <TextField {...field('baseURL', 'use.baseURL', 'Base URL')} type="url" maxLength={2_000} />
      <TextField {...field('device', 'device', 'Device')} list={deviceList} maxLength={100} />
      <datalist id={deviceList}>
        {devices.data?.items.map(({ name }) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <Field
        label="Browser"
        hint={<code className="font-mono text-xs">use.browserName</code>}
        error={errors['settings.use.browserName']}
      >
        {(control) => (
          <select
            {...control}
            value={draft.browserName}
            onChange={(event) => onChange({ ...draft, browserName: event.target.value })}
            className="control"
          >
            <option value="">
              {browserLabels[(inherited.browserName || chosenDevice?.browserName || 'chromium') as BrowserName]}{' '}
              (default)
            </option>
            {browserNames.map((name) => (
              <option key={name} value={name}>
                {browserLabels[name]}
              </option>
            ))}
          </select>
        )}
      </Field>
      <div className="grid grid-cols-2 gap-3">
        <TextField
          {...number('viewportWidth', 'use.viewport.width', 'Viewport width')}
          {...(chosenDevice && inherited.viewportWidth === '' && { placeholder: String(chosenDevice.viewport.width) })}
        />
        <TextField
          {...number('viewportHeight', 'use.viewport.height', 'Viewport height')}
          {...(chosenDevice &&
            inherited.viewportHeight === '' && { placeholder: String(chosenDevice.viewport.height) })}
        />
      </div>
      <TextField {...field('locale', 'use.locale', 'Locale')} maxLength={35} />
      <TextField {...field('timezoneId', 'use.timezoneId', 'Time zone')} maxLength={100} />
      <TextField {...number('timeout', 'timeout', 'Timeout of a case in ms')} />
      <TextField {...number('expectTimeout', 'expect.timeout', 'Timeout of an assertion in ms')} />
      <TextField {...number('retries', 'retries', 'Retries')} />
      <TextField {...number('workers', 'workers', 'Processes at once')} />
      <TextField {...field('testIdAttribute', 'use.testIdAttribute', 'Attribute of test ids')} maxLength={100} />
      <TextField {...field('storageState', 'use.storageState', 'File with the signed-in state')} maxLength={500} />
      <TextField
        {...field('name', 'name', 'Name of the Playwright project')}
        placeholder={inherited.name || draft.device || inherited.device || draft.browserName || 'chromium'}
        maxLength={100}
      />
    </div>
  );
}
