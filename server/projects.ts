/** The project that everything belongs to as long as there are no accounts; the first migration makes it. */
export const defaultProjectId = '00000000-0000-7000-8000-000000000001';
