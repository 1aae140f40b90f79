import type { SchemaKit } from '../platform.ts';
import type { z } from '../../config/kit.ts';

/** One project at Vercel. A release promotes a build that Vercel made from the branch. */
export const schema = ({ z, HttpUrl, SecretRef, UrlPath, common }: SchemaKit) =>
  z.strictObject({
    platform: z.literal('vercel'),
    project: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, 'use the name of the project, or its id prj_…'),
    /** Slug of the team, or its id team_…, if the project belongs to a team. */
    team: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9_-]*$/, 'use the slug of the team, or team_…')
      .optional(),
    token: SecretRef.default('env:VERCEL_TOKEN'),
    /** Secret that opens the addresses of single deployments, if Vercel protects them. */
    bypass: SecretRef.optional(),
    api: HttpUrl.default('https://api.vercel.com'),
    /** A production domain of the project; the smoke paths are probed on the same origin. */
    url: HttpUrl,
    health: UrlPath.default('/'),
    version: UrlPath.optional(),
    ...common,
  });

export type VercelEnvironment = z.output<ReturnType<typeof schema>>;
