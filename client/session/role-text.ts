import type { KeyRole } from '#shared/project-role.ts';

/** Roles in the interface: as a label, and in the text of an invitation. */
export const roleText: Record<KeyRole, { label: string; withArticle: string; may: string }> = {
  reporter: { label: 'Reporter', withArticle: 'a reporter', may: 'it can report runs and do nothing else' },
  viewer: { label: 'Viewer', withArticle: 'a viewer', may: 'you can view tests, jobs and runs' },
  editor: { label: 'Editor', withArticle: 'an editor', may: 'you can change, run and cancel tests and jobs' },
  owner: {
    label: 'Owner',
    withArticle: 'an owner',
    may: 'you can change everything, including members, keys and settings',
  },
};
