import { z } from 'zod';

// These schemas contain only the fields of Cloudflare's answers that Plimsoll reads.
const Annotations = z
  .object({
    'workers/tag': z.string().nullish(),
    'workers/message': z.string().nullish(),
    'workers/triggered_by': z.string().nullish(),
  })
  .nullish();

export const Deployments = z.object({
  deployments: z.array(
    z.object({
      id: z.string().min(1),
      created_on: z.string().min(1),
      annotations: Annotations,
      versions: z
        .array(z.object({ version_id: z.string().min(1), percentage: z.number().min(0).max(100) }))
        .min(1),
    }),
  ),
});

const version = {
  id: z.string().min(1),
  number: z.number(),
  annotations: Annotations,
  metadata: z.object({ created_on: z.string().nullish() }).nullish(),
};
export const Versions = z.object({ items: z.array(z.object(version)) });
export const Version = z.object({
  ...version,
  resources: z.object({
    script_runtime: z.object({ migration_tag: z.string().nullish() }).nullish(),
  }),
});

export const Service = z.object({
  default_environment: z.object({
    script: z.object({
      migration_tag: z.string().nullish(),
      last_deployed_from: z.string().nullish(),
    }),
  }),
});

export const Settings = z.object({
  bindings: z.array(z.object({ name: z.string(), type: z.string() })).nullish(),
});
export const Secrets = z.array(z.object({ name: z.string() }));
export const AccountSubdomain = z.object({ subdomain: z.string().min(1) });
export const WorkerSubdomain = z.object({ enabled: z.boolean(), previews_enabled: z.boolean() });
export const Zones = z.array(z.object({ id: z.string().min(1) }));
export const ZoneRoutes = z.array(z.object({ pattern: z.string() }));
export const Token = z.object({ status: z.string() });

export const Analytics = z.object({
  data: z
    .object({
      viewer: z.object({
        accounts: z.array(
          z.object({
            workersInvocationsAdaptive: z.array(
              z.object({
                dimensions: z.object({
                  datetimeMinute: z.string(),
                  status: z.string(),
                  scriptVersion: z.string().nullish(),
                  isPreview: z.union([z.boolean(), z.literal([0, 1])]).nullish(),
                }),
                sum: z.object({ requests: z.number().min(0), errors: z.number().min(0) }),
              }),
            ),
          }),
        ),
      }),
    })
    .nullish(),
  errors: z
    .array(
      z.object({
        message: z.string(),
        extensions: z.object({ code: z.string().nullish() }).nullish(),
      }),
    )
    .nullish(),
});
