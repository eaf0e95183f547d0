import type { ProjectRole } from '#shared/project-role.ts';

/** Roles in the interface: as a label, and in the text of an invitation. */
export const roleText: Record<ProjectRole, { label: string; withArticle: string; may: string }> = {
  viewer: { label: 'Viewer', withArticle: 'a viewer', may: 'you can view everything' },
  editor: { label: 'Editor', withArticle: 'an editor', may: 'you can create, run and cancel' },
  owner: { label: 'Owner', withArticle: 'an owner', may: 'you can also manage members, keys and settings' },
};
