import { z } from 'zod';

/**
 * Schemas that were written by hand, because the vendor publishes none. Each names the public
 * record from which it was written.
 */

/** wrangler 4.164 reads these fields of GET …/workers/services/{name} (wrangler-dist/cli.js). */
const Service = z.object({
  default_environment: z.object({
    environment: z.string().optional(),
    script: z.object({
      id: z.string().optional(),
      last_deployed_from: z.string().optional(),
      migration_tag: z.string().optional(),
    }),
  }),
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
                  isPreview: z.number().optional(),
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
/** vercel CLI 64.0.2, packages/cli/src/commands/metrics: the columns of `summary` and `data`. */
const cell = z.union([z.string(), z.number(), z.null()]);
const Metrics = z.object({
  summary: z.array(z.record(z.string(), cell)),
  data: z.array(z.record(z.string(), cell)).optional(),
});
/** vercel CLI 64.0.2, packages/cli/src/commands/rollback/status.ts. */
const RollbackAliases = z.object({
  aliases: z.array(
    z.object({ alias: z.string(), id: z.string().optional(), status: z.string() }).loose(),
  ),
  pagination: z.object({ next: z.number().nullable() }).loose().optional(),
});

const forms: Record<string, z.ZodType> = {
  'GET /accounts/{account_id}/workers/services/{name}': Service,
  'POST /graphql': Invocations,
  'POST /v2/observability/query': Metrics,
  'GET /v9/projects/{projectId}/rollback/aliases': RollbackAliases,
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
