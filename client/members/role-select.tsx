import type { ComponentProps } from 'react';
import { type KeyRole, type ProjectRole, projectRoles } from '#shared/project-role.ts';
import { roleText } from '#client/session/role-text.ts';

export function RoleSelect<T extends KeyRole | null = ProjectRole>({
  value,
  onChange,
  none,
  roles = projectRoles,
  className = '',
  ...rest
}: Omit<ComponentProps<'select'>, 'value' | 'onChange'> & {
  value: T;
  onChange: (role: T) => void;
  /** Those that can be chosen. */
  roles?: readonly KeyRole[];
  /** The label of no role, if that can be chosen. */
  none?: null extends T ? string | undefined : never;
}) {
  return (
    <select
      {...rest}
      value={value ?? ''}
      onChange={(event) => onChange((event.target.value || null) as T)}
      className={`control ${className}`}
    >
      {none !== undefined && <option value="">{none}</option>}
      {roles.map((role) => (
        <option key={role} value={role}>
          {roleText[role].label}
        </option>
      ))}
    </select>
  );
}
