import type { DeploymentListResponse } from 'cloudflare/resources/workers/scripts/deployments';
import type { ScheduleGetResponse } from 'cloudflare/resources/workers/scripts/schedules';
import type { SecretListResponse } from 'cloudflare/resources/workers/scripts/secrets';
import type { SubdomainGetResponse } from 'cloudflare/resources/workers/scripts/subdomain';
import type {
  VersionGetResponse,
  VersionListResponse,
} from 'cloudflare/resources/workers/scripts/versions';
import { z } from 'zod';

/**
 * Schemas of Cloudflare's responses, written by hand from Cloudflare's published types and from the
 * fields that wrangler reads. The schemas share no code with the stand-in. The types at the end of
 * this file compare the schemas with the official types.
 */
const Id = z.uuid();
const Time = z.iso.datetime();
const Annotations = z.record(z.string(), z.string());
const source = [
  'unknown',
  'api',
  'wrangler',
  'terraform',
  'dash',
  'cf_cli',
  'dash_template',
] as const;
const more = ['integration', 'quick_editor', 'playground', 'workersci'] as const;
const Metadata = z.object({
  author_email: z.email(),
  author_id: z.string(),
  created_on: Time,
  modified_on: Time,
  hasPreview: z.boolean(),
  source: z.enum([...source, ...more]),
});
const Binding = z.looseObject({ name: z.string().min(1), type: z.string().min(1) });

export const Deployments = z.object({
  deployments: z.array(
    z.object({
      id: Id,
      created_on: Time,
      source: z.string(),
      strategy: z.literal('percentage'),
      author_email: z.email(),
      annotations: Annotations,
      versions: z
        .array(z.object({ version_id: Id, percentage: z.number().min(0).max(100) }))
        .min(1)
        .max(2),
    }),
  ),
});
export const Versions = z.object({
  items: z.array(z.object({ id: Id, number: z.number().int().positive(), metadata: Metadata })),
});
export const Version = z.object({
  id: Id,
  number: z.number().int().positive(),
  metadata: Metadata,
  resources: z.object({
    bindings: z.array(Binding),
    script: z.object({
      etag: z.string().min(1),
      handlers: z.array(z.string()),
      last_deployed_from: z.string(),
    }),
    script_runtime: z.object({
      compatibility_date: z.iso.date(),
      compatibility_flags: z.array(z.string()),
      migration_tag: z.string().optional(),
      usage_model: z.enum(['bundled', 'unbound', 'standard']),
    }),
  }),
});
export const Secrets = z.array(
  z.strictObject({ name: z.string(), type: z.literal('secret_text') }),
);
export const Subdomain = z.strictObject({ enabled: z.boolean(), previews_enabled: z.boolean() });
export const Schedules = z.object({
  schedules: z.array(z.object({ cron: z.string(), created_on: Time })),
});

type Names<Ours, Theirs> = Exclude<keyof Ours, keyof Theirs> extends never ? true : never;
type Accepts<Ours, Theirs> = [Theirs] extends [Ours] ? true : never;
type OurDeployment = z.infer<typeof Deployments>['deployments'][number];
type TheirDeployment = DeploymentListResponse['deployments'][number];
type OurVersion = z.infer<typeof Version>;
type TheirRuntime = NonNullable<VersionGetResponse['resources']['script_runtime']>;
type OurRuntime = OurVersion['resources']['script_runtime'];
type TheirMetadata = NonNullable<VersionGetResponse['metadata']>;
export const drift: [
  Names<OurDeployment, TheirDeployment>,
  Names<OurDeployment['versions'][number], TheirDeployment['versions'][number]>,
  Accepts<OurDeployment['strategy'], TheirDeployment['strategy']>,
  Names<z.infer<typeof Versions>['items'][number], VersionListResponse>,
  Names<OurVersion, VersionGetResponse>,
  Names<OurVersion['metadata'], TheirMetadata>,
  Accepts<OurVersion['metadata']['source'], NonNullable<TheirMetadata['source']>>,
  Names<OurVersion['resources'], VersionGetResponse['resources']>,
  Names<OurRuntime, TheirRuntime>,
  Accepts<OurRuntime['usage_model'], NonNullable<TheirRuntime['usage_model']>>,
  Names<z.infer<typeof Subdomain>, SubdomainGetResponse>,
  Names<z.infer<typeof Schedules>, ScheduleGetResponse>,
  Names<z.infer<typeof Secrets>[number], Extract<SecretListResponse, { type: 'secret_text' }>>,
] = [true, true, true, true, true, true, true, true, true, true, true, true, true];
