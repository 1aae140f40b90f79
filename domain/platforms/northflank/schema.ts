import type { SchemaKit } from '../platform.ts';
import type { z } from '../../config/kit.ts';

/** One service at Northflank that deploys the builds of a commit. */
export function schema({ z, HttpUrl, SecretRef, UrlPath, common }: SchemaKit) {
  const NorthflankId = z
    .string()
    .regex(
      /^[a-z0-9][a-z0-9-]{0,62}$/,
      'use the id in the page address at Northflank, such as my-service',
    );

  return z.strictObject({
    platform: z.literal('northflank'),
    project: NorthflankId,
    service: NorthflankId,
    /** Id of the team, for a token that belongs to an organisation. */
    team: NorthflankId.optional(),
    api: HttpUrl.default('https://api.northflank.com'),
    token: SecretRef.default('env:NORTHFLANK_TOKEN'),
    /** Public address of the service; the smoke paths are probed on the same origin. */
    url: HttpUrl,
    /** Port inside the container. */
    port: z.number().int().min(1).max(65535).default(18789),
    health: UrlPath,
    version: UrlPath.optional(),
    ...common,
  });
}

export type NorthflankEnvironment = z.output<ReturnType<typeof schema>>;
