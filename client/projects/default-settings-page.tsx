import { useState } from 'react';
import { fieldErrors } from '#client/query/api-error.ts';
import { Loaded } from '#client/query/loaded.tsx';
import { Refusal } from '#client/query/refusal.tsx';
import { api } from '#client/query/trpc.ts';
import { useDraft } from '#client/query/use-draft.ts';
import { useMayEdit } from '#client/session/use-may-edit.ts';
import { SettingsPage } from '#client/settings/settings-page.tsx';
import { type SettingsDraft, toSettings, toSettingsDraft } from '#client/tests/settings-draft.ts';
import SettingsFields from '#client/tests/settings-fields.tsx';
import { Button } from '#client/ui/button.tsx';
import { Section } from '#client/ui/page.tsx';
import { UnsavedGuard } from '#client/ui/unsaved-guard.tsx';
import type { TestSettings } from '#shared/test-settings.ts';

/** The settings of tests that have none of their own. */
export function DefaultSettingsPage() {
  const query = api.projects.settings.useQuery();
  return (
    <SettingsPage title="Test settings" needsAccounts={false}>
      <Section title="Defaults of all tests">
        <Loaded query={query} what="settings">
          {({ settings }) => <Defaults settings={settings} />}
        </Loaded>
      </Section>
    </SettingsPage>
  );
}

function Defaults({ settings }: { settings: TestSettings }) {
  const mayEdit = useMayEdit();
  const utils = api.useUtils();
  const [version, setVersion] = useState(0);
  const { draft, dirty, edit, onSaved } = useDraft<SettingsDraft>(toSettingsDraft(settings), String(version));
  const update = api.projects.updateSettings.useMutation({
    onSuccess: (stored) => {
      utils.projects.settings.setData(undefined, stored);
      setVersion(version + 1);
      onSaved(draft, toSettingsDraft(stored.settings), String(version + 1));
    },
  });
  return (
    <form
      className="space-y-5 p-4"
      onSubmit={(event) => {
        event.preventDefault();
        update.mutate({ settings: toSettings(draft) });
      }}
    >
      <p className="max-w-prose text-sm text-muted">
        They have the names of Playwright's configuration. A test can have settings of its own, on its page. Runs keep
        the settings that they were started with.
      </p>
      <fieldset disabled={!mayEdit}>
        <SettingsFields draft={draft} errors={fieldErrors(update.error)} onChange={edit} />
      </fieldset>
      <Refusal error={update.error} />
      {mayEdit && (
        <div className="flex items-center gap-3">
          <Button type="submit" variant="primary" busy={update.isPending} disabled={!dirty}>
            Save
          </Button>
          <span role="status" className="text-sm text-muted">
            {dirty ? 'Unsaved changes' : update.isSuccess ? 'Saved' : ''}
          </span>
        </div>
      )}
      <UnsavedGuard isUnsaved={() => dirty} />
    </form>
  );
}
