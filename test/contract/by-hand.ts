import { z } from 'zod';

/**
 * Schemas that were written by hand, because the vendor publishes none. Each names the public
 * record from which it was written.
 */

/**
 * GET …/workers/services/{name}: ServiceMetadataRes of packages/wrangler/src/init.ts in
 * cloudflare/workers-sdk. wrangler also reads answers whose tags are null, and answers without a
 * migration tag (wrangler-dist/cli.js of 4.164).
 */
const Service = z.strictObject({
  id: z.string(),
  default_environment: z.strictObject({
    environment: z.string(),
    created_on: z.iso.datetime(),
    modified_on: z.iso.datetime(),
    script: z.strictObject({
      id: z.string(),
      tag: z.string(),
      tags: z.array(z.string()).nullable(),
      etag: z.string().optional(),
      handlers: z.array(z.string()).optional(),
      modified_on: z.iso.datetime(),
      created_on: z.iso.datetime(),
      migration_tag: z.string().optional(),
      usage_model: z.string().optional(),
      limits: z.record(z.string(), z.number()).optional(),
      compatibility_date: z.string().optional(),
      compatibility_flags: z.array(z.string()),
      last_deployed_from: z.enum(['wrangler', 'dash', 'api']).optional(),
      placement_mode: z.literal('smart').optional(),
      tail_consumers: z.array(z.unknown()).optional(),
      observability: z.record(z.string(), z.unknown()).optional(),
    }),
  }),
  created_on: z.iso.datetime().optional(),
  modified_on: z.iso.datetime().optional(),
  usage_model: z.string().optional(),
  environments: z.array(z.unknown()).optional(),
});
/** developers.cloudflare.com/analytics/graphql-api: the dataset workersInvocationsAdaptive. */
const Invocations = z.strictObject({
  data: z
    .strictObject({
      viewer: z.strictObject({
        accounts: z.array(
          z.strictObject({
            workersInvocationsAdaptive: z.array(
              z.strictObject({
                dimensions: z.strictObject({
                  datetimeMinute: z.iso.datetime(),
                  status: z.string(),
                  scriptVersion: z.string().optional(),
                  isPreview: z.boolean().optional(),
                }),
                sum: z.strictObject({
                  requests: z.number().int().min(0),
                  errors: z.number().int().min(0),
                }),
              }),
            ),
          }),
        ),
      }),
    })
    .nullable(),
  errors: z
    .array(
      z.strictObject({
        message: z.string(),
        path: z.array(z.union([z.string(), z.number()])).nullish(),
        extensions: z.record(z.string(), z.unknown()).optional(),
      }),
    )
    .nullable(),
});
const cell = z.union([z.string(), z.number()]).nullable();
/** vercel CLI 64.0.2: MetricsQueryResponse of packages/cli/src/commands/metrics/types.ts. */
const Metrics = z.strictObject({
  summary: z.array(z.record(z.string(), cell)),
  data: z
    .array(z.intersection(z.object({ timestamp: z.string() }), z.record(z.string(), cell)))
    .optional(),
  statistics: z.strictObject({
    rowsRead: z.number().optional(),
    bytesRead: z.number().optional(),
    dbTimeSeconds: z.number().optional(),
  }),
});
/**
 * vercel CLI 64.0.2: RollbackAliasesResponse of packages/cli/src/commands/rollback/status.ts. Like
 * the list of a promote, it is {} if nothing was rolled back.
 */
const RollbackAliases = z.union([
  z.strictObject({}),
  z.strictObject({
    aliases: z.array(
      z.strictObject({
        id: z.string(),
        alias: z.strictObject({ alias: z.string(), deploymentId: z.string() }),
        status: z.enum(['completed', 'in-progress', 'pending', 'failed']),
      }),
    ),
    pagination: z.strictObject({
      count: z.number(),
      next: z.number().nullable(),
      prev: z.number().nullable(),
    }),
  }),
]);
/** northflank.com/docs/v1/api: the page "Get current authentication info" of autumn 2026. */
const Auth = z.strictObject({
  tokenKind: z.enum(['api', 'session']),
  id: z.string(),
  name: z.string().optional(),
  description: z.string().optional(),
  entityId: z.string(),
  entityUid: z.string(),
  entityType: z.enum(['team', 'org']),
  orgId: z.string().optional(),
  orgUid: z.string().optional(),
  role: z
    .strictObject({
      name: z.string().optional(),
      roleId: z.string().optional(),
      roleType: z.enum(['team', 'org']).optional(),
      entityType: z.enum(['team', 'org']).optional(),
    })
    .optional(),
  permissions: z
    .strictObject({
      orgScope: z.array(z.string()).optional(),
      teamScope: z.array(z.string()).optional(),
      projectScope: z.array(z.string()).optional(),
    })
    .optional(),
  creatorEmail: z.email().optional(),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime().nullish(),
});
/** northflank.com/docs/v1/api: the page "Get service rollout" of autumn 2026. */
const Rollout = z.strictObject({
  strategyId: z.string().nullable(),
  type: z.literal('canary'),
  promoted: z.boolean(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  options: z
    .strictObject({
      triggers: z
        .strictObject({
          releaseFromTemplate: z.boolean().optional(),
          releaseFromReleaseFlow: z.boolean().optional(),
          releaseFromCD: z.boolean().optional(),
          releaseFromUI: z.boolean().optional(),
          releaseFromApi: z.boolean().optional(),
        })
        .optional(),
      blockDeploymentOnActiveRollout: z.boolean().optional(),
    })
    .optional(),
  details: z.looseObject({ canaryStrategy: z.enum(['percentage', 'header']) }).optional(),
  stableDeployment: z.looseObject({ id: z.string() }).optional(),
  canaryDeployment: z.looseObject({ id: z.string() }).optional(),
  history: z.array(z.unknown()).optional(),
});

const forms: Record<string, z.ZodType> = {
  'GET /accounts/{account_id}/workers/services/{name}': Service,
  'POST /graphql': Invocations,
  'POST /v2/observability/query': Metrics,
  'GET /v9/projects/{projectId}/rollback/aliases': RollbackAliases,
  'GET /v1/auth': Auth,
  'GET /v1/projects/{projectId}/services/{serviceId}/rollout': Rollout,
};

export const issuesOf = (form: z.ZodType, body: unknown): string[] =>
  (form.safeParse(body).error?.issues ?? []).map(
    ({ path, message }) => `${path.join('.') || 'the root'}: ${message}`,
  );

/** Returns the differences between the answer and the form that was written by hand. */
export const handProblems = (call: string, body: unknown): string[] => {
  const form = forms[call];
  return form ? issuesOf(form, body) : ['no schema was written for this call'];
};

/** The outer form of the answers of each vendor, and of its errors. */
export const outer = {
  /** developers.cloudflare.com/fundamentals/api/reference: every answer has this envelope. */
  cloudflare: z.strictObject({
    success: z.boolean(),
    errors: z.array(z.strictObject({ code: z.number().int(), message: z.string() })),
    messages: z.array(z.unknown()),
    result: z.unknown(),
    result_info: z.record(z.string(), z.unknown()).optional(),
  }),
  /** northflank.com/docs/v1/api/pagination. */
  northflank: z.strictObject({
    data: z.unknown(),
    pagination: z
      .strictObject({
        hasNextPage: z.boolean(),
        cursor: z.string().optional(),
        count: z.number().int(),
      })
      .optional(),
  }),
  /** ApiCallError of @northflank/js-client. */
  northflankError: z.strictObject({
    error: z.strictObject({
      status: z.number().int(),
      message: z.string(),
      id: z.string().optional(),
      details: z.unknown().optional(),
    }),
  }),
  /** vercel.com/docs/rest-api/errors: each error has a code and a message, and may have more. */
  vercelError: z.strictObject({
    error: z.looseObject({ code: z.string(), message: z.string() }),
  }),
  /** The tests of Vercel's CLI have a refusal of metrics with a code alone. */
  vercelMetricsError: z.strictObject({
    error: z.looseObject({ code: z.string(), message: z.string().optional() }),
  }),
  /** docs.slack.dev/apis/web-api: `ok` is false and `error` is a word. */
  slackError: z.strictObject({
    ok: z.literal(false),
    error: z.string(),
    needed: z.string().optional(),
    provided: z.string().optional(),
    response_metadata: z
      .strictObject({ messages: z.array(z.string()) })
      .partial()
      .optional(),
  }),
} as const;
