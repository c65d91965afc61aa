import { PERMISSIONS } from '@tripline/contracts';
import type { QuotaRecord, UserRecord } from '@tripline/user-store';
import { z } from 'zod';

import { ROLES } from '../auth/caller';
import { MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH } from '../auth/passwords';
import { instantSchema } from '../http/schemas';

/** An e-mail address. Lower-cased because accounts are identified by it. */
export const emailSchema = z
  .string()
  .max(254)
  .transform((text) => text.trim().toLowerCase())
  .pipe(z.email());

export const passwordSchema = z
  .string()
  .min(MIN_PASSWORD_LENGTH)
  .max(MAX_PASSWORD_LENGTH)
  .describe(`${MIN_PASSWORD_LENGTH} to ${MAX_PASSWORD_LENGTH} characters`);

export const userSchema = z
  .object({
    id: z.uuid(),
    email: z.string(),
    role: z.enum(ROLES),
    is_active: z.boolean(),
    permissions: z.array(z.enum(PERMISSIONS)).describe('permissions granted in addition to the role'),
    created_at: instantSchema,
  })
  .meta({ id: 'User' });

/** The wire form of a user. */
export function userResource(user: UserRecord): z.output<typeof userSchema> {
  return {
    id: user.id,
    email: user.email,
    role: user.role,
    is_active: user.isActive,
    permissions: [...user.permissions],
    created_at: new Date(user.createdAt).toISOString(),
  };
}

export const userCreateBody = z
  .strictObject({ email: emailSchema, password: passwordSchema, role: z.enum(ROLES).default('trader') })
  .meta({ id: 'UserCreate' });

export const userChangeBody = z
  .strictObject({
    role: z.enum(ROLES).optional(),
    is_active: z.boolean().optional(),
    password: passwordSchema.optional(),
  })
  .refine((change) => Object.keys(change).length > 0, 'name at least one of role, is_active, password')
  .meta({ id: 'UserChange' });

const limit = z.int().min(0).max(1_000_000_000).nullable();

export const quotaBody = z
  .strictObject({
    max_active: limit.describe('maximum waiting and running executions; null: no limit'),
    max_per_minute: limit.describe('maximum executions started per minute; null: no limit'),
    max_per_day: limit.describe('maximum executions started per UTC day; null: no limit'),
  })
  .meta({ id: 'QuotaLimits' });

export const quotaSchema = z
  .object({
    user_id: z.uuid(),
    max_active: limit,
    max_per_minute: limit,
    max_per_day: limit,
    use: z
      .object({ active: z.int(), this_minute: z.int(), today: z.int() })
      .describe('current use; minute and day are counted only for users who have a quota'),
    updated_at: instantSchema.nullable().describe('null: no quota has been set'),
  })
  .meta({ id: 'Quota' });

/** The wire form of a quota. */
export function quotaResource(quota: QuotaRecord): z.output<typeof quotaSchema> {
  return {
    user_id: quota.userId,
    max_active: quota.maxActive,
    max_per_minute: quota.maxPerMinute,
    max_per_day: quota.maxPerDay,
    use: { active: quota.use.active, this_minute: quota.use.thisMinute, today: quota.use.today },
    updated_at: quota.updatedAt === null ? null : new Date(quota.updatedAt).toISOString(),
  };
}
