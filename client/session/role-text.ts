import type { ProjectRole } from '#shared/project-role.ts';

export const roleText: Record<ProjectRole, { label: string; withArticle: string; may: string }> = {
  viewer: { label: 'Viewer', withArticle: 'a viewer', may: 'watches' },
  editor: { label: 'Editor', withArticle: 'an editor', may: 'creates, runs and cancels, too' },
  owner: { label: 'Owner', withArticle: 'an owner', may: 'also manages members, keys and settings' },
};
