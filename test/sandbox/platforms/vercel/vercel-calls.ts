import { z } from 'zod';
import { GetAliasResponseBody$inboundSchema as Alias } from '@vercel/sdk/models/getaliasop.js';
import { GetProjectDomainResponseBody$inboundSchema as ProjectDomain } from '@vercel/sdk/models/getprojectdomainop.js';
import { GetProjectDomainsResponseBody2$inboundSchema as ProjectDomains } from '@vercel/sdk/models/getprojectdomainsop.js';
import type { Answered } from '../../../../sandbox/platforms/vercel/site.ts';
import { compare, official } from './vercel-contract.ts';

type Schema = { parse(data: unknown): unknown };
type Call = {
  /** What the call is for, in words for the table in the documentation. */
  use: string;
  /** The right that the call needs: a key of `permissions` of a project and an action. */
  right: string;
  source: string;
  /** What nobody can check without an account. */
  open: string;
  /** Returns the differences between an answer and the source. */
  differences: (body: unknown) => string[];
};

const sdkVersion = '1.28.35';
const sdk = (type: string) => `@vercel/sdk ${sdkVersion}, ${type}`;
const cli = (file: string) => `Vercel CLI, ${file}`;
const by = (schema: Schema) => (body: unknown) => compare(schema, body);
/** The answer is a list of objects of the schema. */
const each = (schema: Schema) => (body: unknown) =>
  (body as unknown[]).flatMap((item) => compare(schema, item));
const strictly = (schema: z.ZodType) => (body: unknown) =>
  schema
    .safeParse(body)
    .error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? [];
const empty = (body: unknown) =>
  Buffer.isBuffer(body) && body.length === 0 ? [] : ['the body is not empty'];
/** The answer is a stream. Its rows are checked one by one elsewhere. */
const streamed = () => [];

const cell = z.union([z.string(), z.number()]).nullable();
/** MetricsQueryResponse of commands/metrics/types.ts; the SDK types this answer as `{}`. */
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
/** RollbackAliasesResponse of commands/rollback/status.ts. */
const RollbackMoves = z.strictObject({
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
});
/** Both lists of domains are `{}` if nothing was promoted or rolled back. */
const orNothing = (check: Call['differences']) => (body: unknown) =>
  Object.keys(body as object).length === 0 ? [] : check(body);

/** Every call that Plimsoll makes to Vercel, by its route. */
export const calls: Record<string, Call> = {
  'GET /v9/projects/{project}': {
    use: 'state, settings and rights',
    right: 'project.read',
    source: sdk('GetProjectResponseBody'),
    open: 'which actions `permissions` lists for which role',
    differences: by(official.Project),
  },
  'PATCH /v9/projects/{project}': {
    use: 'turn automatic domain assignment off',
    right: 'project.update',
    source: sdk('UpdateProjectResponseBody'),
    open: '',
    differences: by(official.Updated),
  },
  'GET /v9/projects/{project}/domains': {
    use: 'name the production domains in a message',
    right: 'projectDomain.list',
    source: sdk('GetProjectDomainsResponseBody2'),
    open: '',
    differences: by(ProjectDomains),
  },
  'GET /v9/projects/{project}/domains/{domain}': {
    use: 'is `url` a production domain?',
    right: 'projectDomain.read',
    source: sdk('GetProjectDomainResponseBody'),
    open: 'the words of its 404',
    differences: by(ProjectDomain),
  },
  'GET /v4/aliases/{alias}': {
    use: 'the deployment that a domain serves',
    right: 'aliasProject.read',
    source: sdk('GetAliasResponseBody'),
    open: '',
    differences: by(Alias),
  },
  'GET /v2/deployments/{deployment}/aliases': {
    use: 'the domains of a deployment',
    right: 'aliasProject.list',
    source: sdk('ListDeploymentAliasesResponseBody'),
    open: '',
    differences: by(official.DeploymentAliases),
  },
  'POST /v2/deployments/{deployment}/aliases': {
    use: 'finish a rollback that moved only some domains',
    right: 'aliasProject.create',
    source: sdk('AssignAliasResponseBody'),
    open: '',
    differences: by(official.Assigned),
  },
  'GET /v7/deployments': {
    use: 'find the build, and what a rollback can reach',
    right: 'deployment.list',
    source: sdk('GetDeploymentsResponseBody'),
    open: '',
    differences: by(official.Deployments),
  },
  'GET /v13/deployments/{deployment}': {
    use: 'the state and the commit of a build',
    right: 'deployment.read',
    source: sdk('GetDeploymentResponseBody2'),
    open: '',
    differences: by(official.Deployment),
  },
  'POST /v13/deployments': {
    use: 'start a build',
    right: 'deployment.create',
    source: sdk('GetDeploymentResponseBody2'),
    open: '',
    differences: by(official.Deployment),
  },
  'PATCH /v12/deployments/{deployment}/cancel': {
    use: 'stop a build',
    right: 'deployment.update',
    source: sdk('CancelDeploymentResponseBody'),
    open: '',
    differences: by(official.Cancelled),
  },
  'GET /v3/deployments/{deployment}/events': {
    use: 'the last lines of a failed build',
    right: 'deployment.read',
    source: sdk('GetDeploymentEventsResponseBodyDeployments1'),
    open: '',
    differences: each(official.BuildEvent),
  },
  'GET /v1/projects/{projectId}/deployments/{deployment}/runtime-logs': {
    use: 'errors during the watch',
    right: 'logs.read',
    source: sdk('GetRuntimeLogsResponseBody'),
    open: 'how long the stream stays open',
    differences: streamed,
  },
  'POST /v10/projects/{projectId}/promote/{deployment}': {
    use: 'promote',
    right: 'deploymentPromote.create',
    source: sdk('requestPromote: no body'),
    open: '',
    differences: empty,
  },
  'POST /v1/projects/{projectId}/rollback/{deployment}': {
    use: 'roll back',
    right: 'deploymentRollback.create',
    source: sdk('requestRollback: no body'),
    open: '',
    differences: empty,
  },
  'GET /v1/projects/{projectId}/promote/aliases': {
    use: 'the domains that a promote did not move',
    right: 'deploymentPromote.read',
    source: sdk('ListPromoteAliasesResponseBody'),
    open: '',
    differences: orNothing(by(official.AliasMoves)),
  },
  'GET /v9/projects/{projectId}/rollback/aliases': {
    use: 'the domains that a rollback did not move',
    right: 'deploymentRollback.read',
    source: cli('commands/rollback/status.ts'),
    open: 'the path is in no specification',
    differences: orNothing(strictly(RollbackMoves)),
  },
  'GET /v10/projects/{project}/env': {
    use: 'the names of the variables',
    right: 'projectEnvVars.list',
    source: sdk('FilterProjectEnvsResponseBody2'),
    open: '',
    differences: by(official.Variables),
  },
  'GET /v1/env': {
    use: 'the names of the shared variables',
    right: 'sharedEnvVars.list',
    source: sdk('ListSharedEnvVariableResponseBody'),
    open: 'the name of the parameter for the next page',
    differences: by(official.SharedVariables),
  },
  'POST /v2/observability/query': {
    use: 'requests and failed requests to production',
    right: 'observabilityData.read',
    source: cli('commands/metrics/query.ts and types.ts'),
    open: 'whether the server refuses small buckets; which roles may ask',
    differences: strictly(Metrics),
  },
};

const Refused = z.strictObject({
  error: z.looseObject({ code: z.string(), message: z.string().optional() }),
});

/** Returns the differences between one answer of the stand-in and the vendor's own sources. */
export function differences({ template, reply }: Pick<Answered, 'template' | 'reply'>): string[] {
  const call = calls[template];
  if (!call) return [`${template}: Plimsoll does not make this call`];
  const { status, body } = reply;
  const found = (() => {
    try {
      return status < 300 ? call.differences(asSent(body)) : strictly(Refused)(body);
    } catch (cause) {
      return [(cause as Error).message];
    }
  })();
  return found.map((difference) => `${template} ${status}: ${difference}`);
}

const asSent = (body: unknown): unknown =>
  Buffer.isBuffer(body) ? body : (JSON.parse(JSON.stringify(body ?? null)) as unknown);
