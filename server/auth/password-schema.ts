import { z } from 'zod';

/** A new password. better-auth checks the same lengths. */
export const passwordSchema = z.string().min(12, 'must have at least 12 characters').max(200);
