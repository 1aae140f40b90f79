import { z } from 'zod';
import { platformNames, platforms } from '../platforms/index.ts';
import type { EnvironmentOf, Platform } from '../platforms/index.ts';
import * as kit from './kit.ts';
import { SecretRef } from './words.ts';

const schemas = platformNames.map((name) => platforms[name].schema(kit) as unknown as z.ZodObject);

export const Environment = z.discriminatedUnion(
  'platform',
  schemas as [z.ZodObject, ...z.ZodObject[]],
) as unknown as z.ZodType<EnvironmentOf<Platform>>;

const hearing = platformNames.filter((name) => platforms[name].webhook);

/** The optional webhook secrets in the configuration, one for each platform that sends webhooks. */
export const webhookSecrets = Object.fromEntries(
  hearing.map((name) => [name, SecretRef.optional()]),
) as Record<Platform, z.ZodOptional<typeof SecretRef>>;
