import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { ApiError } from '#client/query/api-error.ts';
import { api } from '#client/query/trpc.ts';
import { Field } from '#client/ui/field.tsx';
import { includesRole, type ProjectRole } from '#shared/project-role.ts';
import { FormDialog } from '#client/query/form-dialog.tsx';
import type { Member } from './member.ts';
import { RoleSelect } from './role-select.tsx';
import { roleText } from '#client/session/role-text.ts';
import { useMe } from '#client/session/use-me.ts';

/** The roles of a member in words. A role that a greater one includes is left out. */
export function describeRoles({ role, projectRole, elsewhere }: Member): string {
  const inProject = projectRole !== null && (role === null || !includesRole(role, projectRole)) ? projectRole : null;
  if (role !== null)
    return `${roleText[role].label} in all projects${inProject ? `, ${roleText[inProject].label.toLowerCase()} in this one` : ''}`;
  if (inProject !== null) return `${roleText[inProject].label} in this project only`;
  return `Not in this project, only in ${elsewhere.join(', ')}`;
}

/** Changes the roles of a member: in this project and, for owners of the organisation, in all its projects. */
export function MemberRoles({ member, onClose }: { member: Member; onClose: () => void }) {
  const me = useMe().data;
  const utils = api.useUtils();
  const [role, setRole] = useState(member.role);
  const [projectRole, setProjectRole] = useState(member.projectRole);
  const { id: userId } = member;
  const save = useMutation<void, ApiError>({
    mutationFn: async () => {
      const { members } = utils.client;
      // In this order the member has a role at any time: without one, they would lose their membership.
      if (projectRole !== null && projectRole !== member.projectRole)
        await members.setProjectRole.mutate({ userId, role: projectRole });
      if (role !== member.role) await members.setRole.mutate({ userId, role });
      if (projectRole === null && member.projectRole !== null) await members.removeFromProject.mutate({ userId });
    },
    onSuccess: onClose,
    onSettled: () => Promise.all([utils.members.list.invalidate(), utils.account.me.invalidate()]),
  });
  if (!me) return null;
  // Taking the last role removes the member; `RemoveMember` does that.
  const mayHaveNone = role !== null || member.elsewhere.length > 0;
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
        <Field label="In all projects" hint="Including new projects.">
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
      <Field label={`Only in ${me.project.name}`} hint={role !== null && 'The higher of the two roles applies.'}>
        {(control) => (
          <RoleSelect<ProjectRole | null>
            {...control}
            none={mayHaveNone ? 'None' : undefined}
            value={projectRole}
            onChange={setProjectRole}
          />
        )}
      </Field>
    </FormDialog>
  );
}
