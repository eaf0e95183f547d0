/** The project that a new Runlight has; the first migration makes it. */
export const defaultProjectId = '00000000-0000-7000-8000-000000000001';

/** The organisation that it belongs to; whoever signs up first owns it. */
export const defaultOrganizationId = '00000000-0000-7000-8000-000000000002';
