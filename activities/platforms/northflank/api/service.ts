import { z } from 'zod';
import { buildStatus, isoTime, oneOf, orNull, Port } from './shapes.ts';

const Status = z.object({
  build: z.object({ status: buildStatus }).nullish(),
  deployment: z
    .object({
      status: oneOf(['PENDING', 'IN_PROGRESS', 'COMPLETED', 'FAILED']),
      reason: oneOf(['SCALING', 'DEPLOYING']).default('unknown'),
      lastTransitionTime: isoTime,
    })
    .nullish(),
});
const strategies = [
  'recreate',
  'rollout-steady',
  'rollout-balanced',
  'rollout-fast',
  'custom',
] as const;
const Live = z.object({
  instances: z.number().nullish(),
  internal: z
    .object({ branch: orNull, buildSHA: orNull, deployedSHA: orNull, nfObjectId: orNull })
    .nullish(),
  strategy: z.object({ type: oneOf(strategies).nullish() }).nullish(),
});

export const Service = z
  .object({
    id: z.string().min(1),
    serviceType: oneOf(['combined', 'build', 'deployment']),
    disabledCI: z.boolean(),
    disabledCD: z.boolean(),
    servicePaused: z.boolean(),
    status: Status,
    vcsData: z.object({ projectUrl: z.string(), projectBranch: orNull }).nullish(),
    deployment: Live.nullish(),
    ports: z.array(Port),
  })
  .transform(({ id, serviceType: kind, servicePaused: paused, vcsData, deployment, ...rest }) => ({
    id,
    kind,
    paused,
    disabledCI: rest.disabledCI,
    disabledCD: rest.disabledCD,
    repository: vcsData?.projectUrl ?? null,
    branch: vcsData?.projectBranch ?? deployment?.internal?.branch ?? null,
    build: rest.status.build?.status ?? null,
    rollout: rest.status.deployment ?? null,
    /**
     * The commit to which the service is pinned. 'latest' = every new build of the branch goes live
     * automatically.
     */
    buildSha: deployment?.internal?.buildSHA ?? null,
    deployedSha: deployment?.internal?.deployedSHA ?? null,
    instances: deployment?.instances ?? null,
    strategy: deployment?.strategy?.type ?? null,
    ports: rest.ports,
  }));
export type ServiceFact = z.infer<typeof Service>;

const Internal = z
  .object({
    nfObjectId: z.string(),
    branch: orNull,
    buildId: orNull,
    buildSHA: orNull,
    deployedSHA: orNull,
  })
  .transform(({ nfObjectId, branch, buildId, buildSHA, deployedSHA }) => ({
    /** The service whose builds are deployed. */
    from: nfObjectId,
    branch,
    buildId,
    buildSha: buildSHA,
    deployedSha: deployedSHA,
  }));
/** The deployment of a service; null = the service deploys an external image. */
export const Deployment = z
  .union([z.object({ internal: Internal }), z.object({ external: z.looseObject({}) })])
  .transform((one) => ('internal' in one ? one.internal : null));
export type DeploymentFact = z.infer<typeof Internal>;
