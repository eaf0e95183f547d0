/** The project of a new Runlight; the first migration adds it. */
export const defaultProjectId = '00000000-0000-7000-8000-000000000001';

/** The organisation of the default project; the first user becomes its owner. */
export const defaultOrganizationId = '00000000-0000-7000-8000-000000000002';
