import type { ComponentProps } from 'react';
import { type ProjectRole, projectRoles } from '#shared/project-role.ts';
import { roleWords } from './role-words.ts';

export function RoleSelect({
  value,
  onChange,
  className = '',
  ...rest
}: Omit<ComponentProps<'select'>, 'value' | 'onChange'> & {
  value: ProjectRole;
  onChange: (role: ProjectRole) => void;
}) {
  return (
    <select
      {...rest}
      value={value}
      onChange={(event) => onChange(event.target.value as ProjectRole)}
      className={`control ${className}`}
    >
      {projectRoles.map((role) => (
        <option key={role} value={role}>
          {roleWords[role].label}
        </option>
      ))}
    </select>
  );
}
