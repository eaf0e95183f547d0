import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { api, type ApiError } from '#client/query/trpc.ts';
import { Field } from '#client/ui/field.tsx';
import { includesRole, type ProjectRole } from '#shared/project-role.ts';
import { FormDialog } from '#client/query/form-dialog.tsx';
import type { Member } from './member.ts';
import { RoleSelect } from './role-select.tsx';
import { roleText } from '#client/session/role-text.ts';
import { useMe } from '#client/session/use-me.ts';

/** Where somebody has which role, in words; what a greater role includes is left out. */
export function describeRoles({ role, projectRole, elsewhere }: Member): string {
  const inProject = projectRole !== null && (role === null || !includesRole(role, projectRole)) ? projectRole : null;
  if (role !== null)
    return `${roleText[role].label} in all projects${inProject ? `, ${roleText[inProject].label.toLowerCase()} in this one` : ''}`;
  if (inProject !== null) return `${roleText[inProject].label} in this project only`;
  return `Not in this project, but in ${elsewhere.join(', ')}`;
}

/** Asks for the roles of a member: for who owns the organisation, those in all of its projects, too. */
export function MemberRoles({ member, onClose }: { member: Member; onClose: () => void }) {
  const me = useMe().data;
  const utils = api.useUtils();
  const [role, setRole] = useState(member.role);
  const [projectRole, setProjectRole] = useState(member.projectRole);
  const { id: userId } = member;
  const save = useMutation<void, ApiError>({
    mutationFn: async () => {
      const { members } = utils.client;
      // In this order they have a role at any time, and so stay a member.
      if (projectRole !== null && projectRole !== member.projectRole)
        await members.setProjectRole.mutate({ userId, role: projectRole });
      if (role !== member.role) await members.setRole.mutate({ userId, role });
      if (projectRole === null && member.projectRole !== null) await members.removeFromProject.mutate({ userId });
    },
    networkMode: 'always',
    onSuccess: onClose,
    onSettled: () => Promise.all([utils.members.list.invalidate(), utils.account.me.invalidate()]),
  });
  if (!me) return null;
  // Whose last role it is leaves, and is asked for that elsewhere.
  const mayBeOut = role !== null || member.elsewhere.length > 0;
  return (
    <FormDialog
      title={`Roles of ${member.name}`}
      action="Save"
      busy={save.isPending}
      error={save.error}
      onSubmit={() => save.mutate()}
      onClose={onClose}
    >
      {me.ownsOrganization && (
        <Field label="In all projects" hint="Also in those that are still to come.">
          {(control) => (
            <RoleSelect<ProjectRole | null>
              {...control}
              none="None"
              value={role}
              onChange={(chosen) => {
                setRole(chosen);
                if (chosen === null && member.elsewhere.length === 0) setProjectRole((old) => old ?? role);
              }}
            />
          )}
        </Field>
      )}
      <Field label={`Only in ${me.project.name}`} hint={role !== null && 'The greater role counts.'}>
        {(control) => (
          <RoleSelect<ProjectRole | null>
            {...control}
            none={mayBeOut ? 'None' : undefined}
            value={projectRole}
            onChange={setProjectRole}
          />
        )}
      </Field>
    </FormDialog>
  );
}
