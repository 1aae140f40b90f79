import { z } from 'zod';
import { buildStatus, HealthCheck, isoTime, oneOf, orNull, Port } from './shapes.ts';

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
/**
 * The deployed build in the answer about the service. The answer has two forms. The older form
 * contains the deployed commit. The newer form contains only settings. For a deployment service,
 * the settings name the build. For a combined service, they do not name the build.
 */
const InternalOfService = z.object({
  nfObjectId: orNull,
  id: orNull,
  branch: orNull,
  buildId: orNull,
  buildSHA: orNull,
  deployedSHA: orNull,
});
const Live = z.object({
  instances: z.number().nullish(),
  internal: InternalOfService.nullish(),
  external: z.looseObject({}).nullish(),
  strategy: z.object({ type: oneOf(strategies).nullish() }).nullish(),
  gradualRolloutStrategyId: orNull,
});
type Live = z.infer<typeof Live>;

/** The deployment of a service. */
export type DeploymentFact = {
  /** The service whose builds are deployed. */
  from: string;
  branch: string | null;
  buildId: string | null;
  /**
   * The commit to which the service is pinned. 'latest' means that every new build of the branch
   * goes live automatically.
   */
  buildSha: string | null;
  /**
   * The deployed commit. null means that no commit is deployed. undefined means that the answer
   * does not contain it.
   */
  deployedSha: string | null | undefined;
};

/**
 * Returns the deployment of a service. Returns null if the service deploys an external image.
 * Returns undefined if the answer does not contain the deployment.
 */
function deploymentIn(id: string, live: Live | null | undefined) {
  if (live?.external) return null;
  const internal = live?.internal;
  if (!internal) return undefined;
  const { nfObjectId, branch, buildId, buildSHA } = internal;
  const deployedSha = deployedIn(live);
  return {
    from: nfObjectId ?? internal.id ?? id,
    branch,
    buildId,
    buildSha: buildSHA,
    deployedSha,
  };
}

const deployedIn = (live: Live | null | undefined): string | null | undefined =>
  typeof live?.internal?.nfObjectId === 'string' ? live.internal.deployedSHA : undefined;

export const Service = z
  .object({
    id: z.string().min(1),
    serviceType: oneOf(['combined', 'build', 'deployment']),
    disabledCI: z.boolean().nullish(),
    disabledCD: z.boolean().nullish(),
    servicePaused: z.boolean().nullish(),
    status: Status.nullish(),
    vcsData: z.object({ projectUrl: z.string(), projectBranch: orNull }).nullish(),
    buildConfiguration: z.object({ enableGitLfs: z.boolean().nullish() }).nullish(),
    deployment: Live.nullish(),
    ports: z.array(Port).default([]),
    healthChecks: z.array(HealthCheck).nullish(),
    runtimeEnvironment: z.record(z.string(), z.unknown()).nullish(),
  })
  .transform(({ id, serviceType: kind, vcsData, deployment: live, ports, ...rest }) => ({
    id,
    kind,
    /**
     * True if the service is paused. Also false if the answer has no such field. Then Plimsoll
     * notices a pause because no container runs.
     */
    paused: rest.servicePaused === true,
    /** True if CI is off. null = the answer does not say this. */
    disabledCI: rest.disabledCI ?? null,
    /** True if CD is off. null = the answer does not say this. */
    disabledCD: rest.disabledCD ?? null,
    repository: vcsData?.projectUrl ?? null,
    branch: vcsData?.projectBranch ?? live?.internal?.branch ?? null,
    /**
     * True if builds get the files of Git LFS. Also false if the answer does not contain this
     * setting.
     */
    usesLfs: rest.buildConfiguration?.enableGitLfs === true,
    build: rest.status?.build?.status ?? null,
    rollout: rest.status?.deployment ?? null,
    /**
     * The deployment of the service. null means that the service deploys an external image.
     * undefined means that the answer does not contain the deployment.
     */
    deployment: deploymentIn(id, live),
    /**
     * The deployed commit. null means that no commit is deployed. undefined means that the answer
     * does not contain the commit.
     */
    deployedSha: deployedIn(live),
    instances: live?.instances ?? null,
    strategy: live?.strategy?.type ?? null,
    /**
     * The gradual rollout strategy of the service. null means that the service has none, or that
     * the answer does not contain it.
     */
    gradualStrategy: live?.gradualRolloutStrategyId ?? null,
    ports,
    /** The health checks of the service. null means that the answer does not contain them. */
    healthChecks: rest.healthChecks ?? null,
    /** The sorted names of the service's own variables. null = the answer does not contain them. */
    variables: rest.runtimeEnvironment ? Object.keys(rest.runtimeEnvironment).toSorted() : null,
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
  .transform(({ nfObjectId, branch, buildId, buildSHA, deployedSHA }): DeploymentFact => ({
    from: nfObjectId,
    branch,
    buildId,
    buildSha: buildSHA,
    deployedSha: deployedSHA,
  }));
/** The deployment of a service. null means that the service deploys an external image. */
export const Deployment = z
  .union([z.object({ internal: Internal }), z.object({ external: z.looseObject({}) })])
  .transform((one) => ('internal' in one ? one.internal : null));
