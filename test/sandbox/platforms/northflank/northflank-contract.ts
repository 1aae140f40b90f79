import type {
  GetServiceBuildResult,
  GetServiceContainersResult,
  GetServiceDeploymentResult,
  GetServiceHealthchecksResult,
  GetServicePortsResult,
  GetServiceResult,
  StartServiceBuildResult,
} from '@northflank/js-client';
import { z } from 'zod';

/**
 * Schemas of Northflank's responses, written by hand from the types of Northflank's client. That
 * client does not check responses. The schemas share no code with the stand-in. The types at the
 * end of this file compare the schemas with the official types.
 */
const Iso = z.iso.datetime();
const Sha = z.string().regex(/^[0-9a-f]{40}$/);
const Seconds = z.number().int().min(1_600_000_000).max(9_999_999_999);
const BuildStatus = z.enum([
  'QUEUED',
  'PENDING',
  'UNSCHEDULABLE',
  'STARTING',
  'CLONING',
  'BUILDING',
  'UPLOADING',
  'ABORTED',
  'FAILURE',
  'SUBMISSION_FAILURE',
  'SUCCESS',
  'CRASHED',
  'IN_PROGRESS',
]);

export const Build = z
  .strictObject({
    id: z.string().regex(/^[a-z]+-[a-z]+-\d+$/),
    branch: z.string(),
    pullRequestId: z.number().nullable(),
    status: BuildStatus,
    sha: Sha,
    registry: z.strictObject({ uri: z.string().optional() }),
    concluded: z.boolean(),
    createdAt: Iso,
    success: z.boolean(),
    message: z.string().nullable(),
    buildConcludedAt: Seconds.optional(),
  })
  .refine((build) => build.concluded === (build.buildConcludedAt !== undefined), 'concluded')
  .refine((build) => build.success === (build.status === 'SUCCESS'), 'success');
export const Started = z.strictObject({
  id: z.string(),
  branch: z.string(),
  pullRequestId: z.number().nullable(),
  sha: Sha,
  status: z.string(),
  createdAt: Iso,
  concluded: z.literal(false),
});

const Port = z.strictObject({
  id: z.string(),
  name: z.string(),
  internalPort: z.number().int().positive(),
  protocol: z.enum(['HTTP', 'HTTP/2', 'TCP', 'UDP']),
  public: z.boolean(),
  dns: z.string().optional(),
  domains: z.array(z.unknown()),
  security: z.object({}),
  disableNfDomain: z.boolean(),
});
export const Ports = z.strictObject({ ports: z.array(Port) });

const internal = {
  nfObjectId: z.string(),
  nfObjectType: z.literal('service'),
  repository: z.url(),
  branch: z.string(),
  buildSHA: z.union([z.literal('latest'), Sha]),
  deployedSHA: Sha.optional(),
};
const RolloutStatus = z.enum(['PENDING', 'IN_PROGRESS', 'COMPLETED', 'FAILED']);

export const Service = z.strictObject({
  id: z.string(),
  appId: z.string().startsWith('/'),
  name: z.string(),
  tags: z.array(z.string()),
  projectId: z.string(),
  serviceType: z.enum(['combined', 'build', 'deployment']),
  createdAt: Iso,
  disabledCI: z.boolean(),
  disabledCD: z.boolean(),
  billing: z.strictObject({ deploymentPlan: z.string() }),
  status: z.strictObject({
    build: z.strictObject({ status: BuildStatus, lastTransitionTime: Iso }).optional(),
    deployment: z
      .strictObject({
        status: RolloutStatus,
        reason: z.enum(['SCALING', 'DEPLOYING']),
        lastTransitionTime: Iso,
      })
      .optional(),
  }),
  servicePaused: z.boolean(),
  buildSource: z.enum(['git', 'bundle']).optional(),
  vcsData: z.object({ projectUrl: z.url(), projectType: z.string() }).optional(),
  buildEngineConfiguration: z.object({ buildEngine: z.string() }).optional(),
  deployment: z
    .strictObject({
      region: z.string(),
      instances: z.number().int(),
      internal: z.strictObject(internal),
      buildpack: z.object({ configType: z.string() }),
      strategy: z.object({ type: z.string() }),
      gracePeriodSeconds: z.number(),
    })
    .optional(),
  ports: z.array(Port),
  cluster: z.object({ id: z.string(), name: z.string() }),
});

export const Deployment = z.strictObject({
  region: z.string(),
  instances: z.number().int(),
  internal: z.strictObject({ ...internal, appId: z.string(), buildId: z.string() }),
});

export const HealthChecks = z.strictObject({
  healthChecks: z.array(
    z.strictObject({
      protocol: z.enum(['HTTP', 'CMD', 'TCP']),
      type: z.enum(['livenessProbe', 'readinessProbe']),
      path: z.string().nullable(),
      httpPort: z.number().int(),
      initialDelaySeconds: z.number().int().min(1),
      periodSeconds: z.number().int().min(1),
      timeoutSeconds: z.number().int().min(1),
      failureThreshold: z.number().int().min(1),
      successThreshold: z.number().int().min(1),
    }),
  ),
});

export const Containers = z.strictObject({
  containers: z.array(
    z.strictObject({
      name: z.string(),
      createdAt: Seconds,
      status: z.enum([
        'TASK_RUNNING',
        'TASK_STARTING',
        'TASK_STAGING',
        'TASK_KILLING',
        'TASK_KILLED',
        'TASK_FAILED',
        'TASK_FINISHED',
      ]),
      updatedAt: Seconds,
    }),
  ),
});

/**
 * Types that check our schemas at compile time. `Names` is true if every key of our schema is in
 * the official type. `Accepts` is true if our schema accepts every official value.
 */
type Names<Ours, Theirs> = Exclude<keyof Ours, keyof Theirs> extends never ? true : never;
type Accepts<Ours, Theirs> = [Theirs] extends [Ours] ? true : never;
type Internal = Extract<GetServiceDeploymentResult, { internal: unknown }>;
type Check<Schema extends z.ZodType> = z.infer<Schema>;
type OneContainer = Check<typeof Containers>['containers'][number];
type TheirContainer = NonNullable<GetServiceContainersResult['containers']>[number];
export const drift: [
  Names<Check<typeof Build>, GetServiceBuildResult>,
  Accepts<Check<typeof Build>['status'], NonNullable<GetServiceBuildResult['status']>>,
  Names<Check<typeof Started>, StartServiceBuildResult>,
  Names<Check<typeof Port>, GetServicePortsResult['ports'][number]>,
  Accepts<Check<typeof Port>['protocol'], GetServicePortsResult['ports'][number]['protocol']>,
  Names<Check<typeof Service>, GetServiceResult>,
  Accepts<Check<typeof Service>['serviceType'], GetServiceResult['serviceType']>,
  Names<Check<typeof Service>['status'], GetServiceResult['status']>,
  Names<
    NonNullable<Check<typeof Service>['deployment']>,
    NonNullable<GetServiceResult['deployment']>
  >,
  Names<Check<typeof Deployment>, Internal>,
  Names<Check<typeof Deployment>['internal'], Internal['internal']>,
  Names<
    Check<typeof HealthChecks>['healthChecks'][number],
    GetServiceHealthchecksResult['healthChecks'][number]
  >,
  Names<OneContainer, TheirContainer>,
  Accepts<OneContainer['status'], TheirContainer['status']>,
] = [true, true, true, true, true, true, true, true, true, true, true, true, true, true];
