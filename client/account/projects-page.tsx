import { useState } from 'react';
import { api, errorText, fieldErrors } from '#client/trpc.ts';
import { Badge } from '#client/ui/badge.tsx';
import { Button } from '#client/ui/button.tsx';
import { Field } from '#client/ui/field.tsx';
import { Section } from '#client/ui/page.tsx';
import { Alert } from '#client/ui/states.tsx';
import { chooseProject } from './chosen-project.ts';
import { roleWords } from './role-words.ts';
import { SettingsFrame } from './settings-frame.tsx';
import { useMayManage } from './use-may-manage.ts';
import { useMe } from './use-me.ts';

/** The projects that one has a role in. */
export function ProjectsPage() {
  const me = useMe().data;
  const mayManage = useMayManage();
  return (
    <SettingsFrame title="Projects">
      <Section title="Your projects">
        <ul className="divide-y divide-line">
          {me?.projects.map((project) => (
            <li key={project.id} className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-3">
              <div className="min-w-0 flex-1">
                <div className="font-medium break-words">{project.name}</div>
                <div className="text-sm text-muted">
                  {project.organization}, {roleWords[project.role].label.toLowerCase()}
                </div>
              </div>
              {project.id === me.project.id ? (
                <Badge tone="good">Shown now</Badge>
              ) : (
                <Button size="sm" onClick={() => chooseProject(project.id)} aria-label={`Show ${project.name}`}>
                  Show
                </Button>
              )}
            </li>
          ))}
        </ul>
      </Section>
      {mayManage && <NewProject />}
    </SettingsFrame>
  );
}

function NewProject() {
  const utils = api.useUtils();
  const [name, setName] = useState('');
  const create = api.projects.create.useMutation({
    onSuccess: () => setName(''),
    onSettled: () => utils.account.me.invalidate(),
  });
  const errors = fieldErrors(create.error);
  return (
    <Section title="New project">
      <form
        className="flex flex-wrap items-start gap-3 p-4"
        onSubmit={(event) => {
          event.preventDefault();
          create.mutate({ name });
        }}
      >
        <div className="min-w-0 flex-1 basis-56">
          <Field
            label="Name"
            error={errors['name']}
            hint="Its tests, jobs and runs are its own; members of the organisation have their role in it, too."
          >
            {(control) => (
              <input
                {...control}
                required
                className="control"
                value={name}
                onChange={(event) => setName(event.target.value)}
              />
            )}
          </Field>
        </div>
        <Button type="submit" className="max-sm:self-end sm:mt-[1.6875rem]" busy={create.isPending}>
          Create project
        </Button>
      </form>
      {create.error && Object.keys(errors).length === 0 && (
        <div className="px-4 pb-4">
          <Alert>{errorText(create.error)}</Alert>
        </div>
      )}
    </Section>
  );
}
