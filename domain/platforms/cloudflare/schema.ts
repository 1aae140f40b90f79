import type { SchemaKit } from '../platform.ts';
import type { z } from '../../config/kit.ts';

/** One Worker at Cloudflare, deployed by wrangler from a directory of the commit. */
export const schema = ({
  z,
  AbsolutePath,
  HttpUrl,
  RepositoryPath,
  SecretRef,
  UrlPath,
  common,
}: SchemaKit) =>
  z.strictObject({
    platform: z.literal('cloudflare'),
    account: z
      .string()
      .regex(/^[0-9a-f]{32}$/, 'use the 32 digits of the account id: npx wrangler whoami'),
    worker: z
      .string()
      .regex(/^[a-z0-9][a-z0-9_-]{0,62}$/, 'use the name of the worker, such as my-worker'),
    /**
     * Directory in the repository with wrangler's configuration; absent = the repository's root.
     */
    directory: RepositoryPath.optional(),
    /** The value of --env for wrangler, if wrangler's configuration has several environments. */
    env: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9_-]*$/, "use the name of an environment in wrangler's file")
      .optional(),
    /** gradual: the new version gets 10 % of the traffic first, and all the traffic later. */
    rollout: z.enum(['all-at-once', 'gradual']).default('all-at-once'),
    token: SecretRef.default('env:CLOUDFLARE_API_TOKEN'),
    api: HttpUrl.default('https://api.cloudflare.com/client/v4'),
    /** Production address; the smoke paths are probed on the same origin. */
    url: HttpUrl,
    /**
     * Address of one version. {version} stands for the first 8 digits of the version's id. Absent =
     * the version's address at workers.dev.
     */
    preview: z
      .string()
      .regex(
        /^https?:\/\/\{version\}[A-Za-z0-9.-]*(:\d{1,5})?$/,
        'use an address such as https://{version}-my-worker.example.workers.dev',
      )
      .optional(),
    health: UrlPath,
    version: UrlPath.optional(),
    /**
     * File with npm's settings on the machine of Plimsoll's worker. Absent = npm uses only the
     * settings in the commit.
     */
    npmrc: AbsolutePath.optional(),
    ...common,
  });

export type CloudflareEnvironment = z.output<ReturnType<typeof schema>>;
