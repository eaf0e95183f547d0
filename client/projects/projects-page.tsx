import { useState } from 'react';
import { api, type Outputs } from '#client/query/trpc.ts';
import { Badge } from '#client/ui/badge.tsx';
import { Button } from '#client/ui/button.tsx';
import { Item, ItemList } from '#client/ui/item-list.tsx';
import { Section } from '#client/ui/page.tsx';
import { chooseProject } from '#client/query/chosen-project.ts';
import { LeaveOrganization } from '#client/organizations/leave-organization.tsx';
import { MoveProject } from './move-project.tsx';
import { NameDialog } from '#client/query/name-dialog.tsx';
import { roleText } from '#client/session/role-text.ts';
import { SettingsPage } from '#client/settings/settings-page.tsx';
import { useMe } from '#client/session/use-me.ts';

type Me = Outputs['account']['me'];
type Project = Me['projects'][number];

/** The user's projects by organisation. Only the project and organisation shown now can be changed. */
export function ProjectsPage() {
  const me = useMe().data;
  const organizations = byOrganization(me?.projects ?? []);
  return (
    <SettingsPage title="Projects" actions={me?.ownsOrganization && me.kind === 'user' && <NewOrganization />}>
      {me &&
        organizations.map((projects) => {
          const [{ organizationId: id, organization: name }] = projects;
          const isShown = projects.some((project) => project.id === me.project.id);
          return (
            <Section
              key={id}
              title={name}
              actions={
                <>
                  {me.kind === 'user' && <LeaveOrganization id={id} name={name} isShown={isShown} />}
                  {me.ownsOrganization && isShown && <OrganizationActions name={name} />}
                </>
              }
            >
              <ItemList>
                {projects.map((project) => (
                  <ProjectRow key={project.id} project={project} me={me} />
                ))}
              </ItemList>
            </Section>
          );
        })}
    </SettingsPage>
  );
}

/** Groups projects by organisation, both in the order given. */
function byOrganization(projects: readonly Project[]): [Project, ...Project[]][] {
  const groups = new Map<string, [Project, ...Project[]]>();
  for (const project of projects) {
    const group = groups.get(project.organizationId);
    if (group) group.push(project);
    else groups.set(project.organizationId, [project]);
  }
  return [...groups.values()];
}

function ProjectRow({ project, me }: { project: Project; me: Me }) {
  const isShown = project.id === me.project.id;
  return (
    <Item
      title={
        <>
          {project.name} {isShown && <Badge tone="good">Shown now</Badge>}
        </>
      }
      details={roleText[project.role].label}
    >
      {isShown ? (
        <ProjectActions project={project} me={me} />
      ) : (
        <Button size="sm" onClick={() => chooseProject(project.id)} aria-label={`Show ${project.name}`}>
          Show
        </Button>
      )}
    </Item>
  );
}

function ProjectActions({ project, me }: { project: Project; me: Me }) {
  const utils = api.useUtils();
  const [open, setOpen] = useState<'rename' | 'move'>();
  const close = () => setOpen(undefined);
  const rename = api.projects.rename.useMutation({ onSettled: () => utils.account.me.invalidate() });
  if (project.role !== 'owner') return null;
  const elsewhere = byOrganization(me.projects)
    .map(([{ organizationId: id, organization: name, ownsOrganization }]) => ({ id, name, ownsOrganization }))
    .filter(({ id, ownsOrganization }) => ownsOrganization && id !== project.organizationId);
  const [first, ...others] = elsewhere;
  return (
    <>
      <Button size="sm" onClick={() => setOpen('rename')} aria-label={`Rename ${project.name}`}>
        Rename
      </Button>
      {project.ownsOrganization && first && (
        <Button size="sm" onClick={() => setOpen('move')} aria-label={`Move ${project.name}`}>
          Move
        </Button>
      )}
      {open === 'rename' && (
        <NameDialog
          title={`Rename ${project.name}`}
          action="Rename"
          name={project.name}
          mutation={rename}
          onClose={close}
        />
      )}
      {open === 'move' && first && (
        <MoveProject project={project.name} organizations={[first, ...others]} onClose={close} />
      )}
    </>
  );
}

function OrganizationActions({ name }: { name: string }) {
  const utils = api.useUtils();
  const [open, setOpen] = useState<'rename' | 'create'>();
  const close = () => setOpen(undefined);
  const options = { onSettled: () => utils.account.me.invalidate() };
  const rename = api.organizations.rename.useMutation(options);
  const create = api.projects.create.useMutation(options);
  return (
    <>
      <Button size="sm" variant="ghost" onClick={() => setOpen('rename')} aria-label={`Rename organisation ${name}`}>
        Rename
      </Button>
      <Button size="sm" onClick={() => setOpen('create')}>
        New project
      </Button>
      {open === 'rename' && (
        <NameDialog
          title={`Rename organisation ${name}`}
          action="Rename"
          name={name}
          mutation={rename}
          onClose={close}
        />
      )}
      {open === 'create' && (
        <NameDialog
          title={`New project in ${name}`}
          action="Create project"
          hint="It has its own tests, jobs and runs. Members with a role in all projects have that role in this one, too."
          mutation={create}
          onClose={close}
        />
      )}
    </>
  );
}

function NewOrganization() {
  const utils = api.useUtils();
  const [isOpen, setOpen] = useState(false);
  const create = api.organizations.create.useMutation({ onSettled: () => utils.account.me.invalidate() });
  return (
    <>
      <Button onClick={() => setOpen(true)}>New organisation</Button>
      {isOpen && (
        <NameDialog
          title="New organisation"
          action="Create organisation"
          hint="It starts with a project of the same name. Only you see it until you invite members."
          mutation={create}
          onClose={() => setOpen(false)}
        />
      )}
    </>
  );
}
