import type {
  GetServiceBuildResult,
  GetServiceContainersResult,
  GetServiceDeploymentResult,
  GetServiceHealthchecksResult,
  GetServicePortsResult,
  GetServiceResult,
  PatchServiceDeploymentResult,
  StartServiceBuildResult,
} from '@northflank/js-client';
import type { Container } from './container.ts';
import type { Version } from './permissions.ts';
import type { GradualRollout, Target } from './rollout.ts';
import type { Service } from './service.ts';
import { concluded, succeeded } from './state.ts';
import type { Build } from './state.ts';

const iso = (at: number) => new Date(at).toISOString();
const seconds = (at: number) => Math.floor(at / 1000);
const appId = ({ info }: Service) => `/${info.team ?? 'sandbox'}/${info.project}/${info.id}`;
const repositoryUrl = ({ info }: Service) => `https://github.com/${info.repository}`;

export const buildShape = (build: Build) =>
  ({
    id: build.id,
    branch: build.branch,
    pullRequestId: null,
    status: build.status,
    sha: build.sha,
    registry: build.image ? { uri: `registry.sandbox.test/${build.id}` } : {},
    concluded: concluded(build),
    createdAt: iso(build.createdAt),
    success: succeeded(build),
    message: build.message,
    ...(build.concludedAt === null ? {} : { buildConcludedAt: seconds(build.concludedAt) }),
  }) satisfies GetServiceBuildResult;

export const startedShape = ({ id, branch, sha, status, createdAt }: Build) =>
  ({
    id,
    branch,
    pullRequestId: null,
    sha,
    status,
    createdAt: iso(createdAt),
    concluded: false,
  }) satisfies StartServiceBuildResult;

/**
 * Returns the ports that the service declares. This is one public HTTP port. The process in the
 * container can listen on a different port.
 */
export const portsShape = (service: Service) =>
  [
    {
      id: 'p01',
      name: 'p01',
      internalPort: service.settings.port,
      protocol: 'HTTP',
      public: true,
      dns: `p01--${service.info.id}--${service.info.project}.code.run`,
      domains: [],
      security: { credentials: [], policies: [] },
      disableNfDomain: false,
    },
  ] satisfies GetServicePortsResult['ports'];

export const healthChecksShape = ({ settings: { probe } }: Service) =>
  (probe
    ? [
        {
          protocol: 'HTTP',
          type: 'readinessProbe',
          path: probe.path,
          httpPort: probe.port,
          initialDelaySeconds: 1,
          periodSeconds: 1,
          timeoutSeconds: 1,
          failureThreshold: 3,
          successThreshold: 1,
        },
      ]
    : []) satisfies GetServiceHealthchecksResult['healthChecks'];

export const containerShape = ({ name, createdAt, status, updatedAt }: Container) =>
  ({
    name,
    createdAt: seconds(createdAt),
    status,
    updatedAt: seconds(updatedAt),
  }) satisfies NonNullable<GetServiceContainersResult['containers']>[number];

const internalOf = (service: Service, { build, pinned }: Target) => ({
  nfObjectId: service.info.buildsFrom,
  nfObjectType: 'service' as const,
  repository: repositoryUrl(service),
  branch: build.branch,
  buildSHA: pinned ? build.sha : 'latest',
  deployedSHA: build.sha,
});

/**
 * Returns the deployment as the API shows it. `target` is the build to show, or null if nothing was
 * ever deployed.
 */
export const deploymentShape = (service: Service, target: Target | null) => {
  const common = { region: 'europe-west', instances: service.settings.instances };
  if (!target) return { ...common, internal: emptyInternal(service) };
  const internal = {
    ...internalOf(service, target),
    appId: appId(service),
    buildId: target.build.id,
  };
  return { ...common, internal } satisfies GetServiceDeploymentResult;
};

const emptyInternal = (service: Service) => ({
  nfObjectId: service.info.buildsFrom,
  nfObjectType: 'service' as const,
  repository: repositoryUrl(service),
  branch: service.info.branch,
  buildSHA: 'latest',
});

const statusShape = (service: Service, builds: Build[]): GetServiceResult['status'] => {
  const newest = builds.at(-1);
  const { target, status, changedAt } = service.rollout;
  return {
    ...(newest
      ? { build: { status: newest.status, lastTransitionTime: iso(newest.createdAt) } }
      : {}),
    ...(target
      ? { deployment: { status, reason: 'DEPLOYING', lastTransitionTime: iso(changedAt) } }
      : {}),
  };
};

const sourceShape = (service: Service) => ({
  buildSource: 'git' as const,
  vcsData: {
    projectUrl: repositoryUrl(service),
    projectType: 'github' as const,
    projectBranch: service.info.branch,
    publicRepo: false,
    dockerWorkDir: '/',
    dockerFilePath: '/Dockerfile',
  },
  buildEngineConfiguration: {
    buildEngine: 'buildpack' as const,
    buildpack: { builder: 'HEROKU_24' as const, useCache: true },
  },
});

const liveShape = (service: Service): NonNullable<GetServiceResult['deployment']> => {
  const { target } = service.rollout;
  return {
    region: 'europe-west',
    instances: service.settings.instances,
    internal: target ? internalOf(service, target) : emptyInternal(service),
    buildpack: { configType: 'default' },
    strategy: { type: service.settings.strategy },
    gracePeriodSeconds: 60,
  };
};

/**
 * Returns the gradual rollout as the API shows it. The result has the fields that the page "Get
 * service rollout" of autumn 2026 calls required.
 */
export const gradualShape = ({
  id,
  percent,
  blocks,
  promoted,
  startedAt,
  ...one
}: GradualRollout) => {
  const split = { canaryPercentage: percent, stablePercentage: 100 - percent };
  const deployed = ([container]: GradualRollout['newer'], releaseType: string) => ({
    id: '6560a1b2c3d4e5f6a7b8c9d0',
    createdAt: iso(container?.createdAt ?? startedAt),
    active: true,
    releaseType,
    commit: { sha: container?.build.sha },
  });
  return {
    ...{ strategyId: id, type: 'canary', promoted },
    ...{ createdAt: iso(startedAt), updatedAt: iso(startedAt) },
    options: { triggers: { releaseFromApi: true }, blockDeploymentOnActiveRollout: blocks },
    details: { canaryStrategy: 'percentage', config: split },
    stableDeployment: deployed(one.stable, 'stable'),
    canaryDeployment: deployed(one.newer, 'canary'),
    history: [],
  };
};

/**
 * Returns the configured build. The newer answers about a deployment service show it in this form.
 */
const settingOf = ({ info: { buildsFrom }, rollout: { target } }: Service) =>
  target
    ? { id: buildsFrom, branch: target.build.branch, ...wantedBuild(target) }
    : { id: buildsFrom, buildSHA: 'latest' };

const wantedBuild = ({ build, pinned }: Target) =>
  pinned ? { buildSHA: build.sha, buildId: build.id } : { buildSHA: 'latest' };

/**
 * Returns a service as the page "Get service" of autumn 2026 describes it. Unlike the older answer,
 * this answer does not show the deployed commit, whether CD is off, and whether the service is
 * paused. It also contains health checks and variables.
 */
const newerShape = (service: Service) => {
  const { info, settings, builds } = service;
  const { kind, gradual } = settings;
  const internal = kind === 'deployment' ? { internal: settingOf(service) } : {};
  const deployment = {
    instances: settings.instances,
    strategy: { type: settings.strategy },
    gradualRolloutStrategyId: gradual?.id ?? null,
    ...internal,
  };
  const runs = {
    ports: [{ name: 'p01', internalPort: settings.port, public: true, protocol: 'HTTP' }],
    healthChecks: healthChecksShape(service).map(({ httpPort: port, ...one }) => ({
      ...one,
      port,
    })),
    runtimeEnvironment: settings.environment,
    deployment,
  };
  const branch = kind === 'build' ? {} : { projectBranch: info.branch };
  const source = {
    disabledCI: settings.disabledCI,
    vcsData: { projectUrl: repositoryUrl(service), projectType: 'github', ...branch },
    buildSettings: { buildpack: { builder: 'HEROKU_24', useCache: true } },
  };
  return {
    ...{ id: info.id, appId: appId(service), name: info.id, serviceType: kind },
    ...{ billing: { deploymentPlan: 'nf-compute-20' }, createdAt: '2026-01-01T00:00:00.000Z' },
    ...(kind === 'deployment' ? {} : source),
    ...(kind === 'build' ? {} : runs),
    status: statusShape(service, kind === 'deployment' ? [] : builds.builds),
    cluster: { id: 'nf-europe-west', name: 'nf-europe-west' },
  };
};

export const serviceShape = (service: Service, version: Version) =>
  version === '0.9' ? olderShape(service) : newerShape(service);

const olderShape = (service: Service) => {
  const { info, settings, builds } = service;
  const { kind } = settings;
  return {
    id: info.id,
    appId: appId(service),
    name: info.id,
    tags: [],
    projectId: info.project,
    serviceType: kind,
    createdAt: '2026-01-01T00:00:00.000Z',
    disabledCI: settings.disabledCI,
    disabledCD: settings.disabledCD,
    billing: { deploymentPlan: 'nf-compute-20' },
    status: statusShape(service, kind === 'deployment' ? [] : builds.builds),
    servicePaused: settings.paused,
    ...(kind === 'deployment' ? {} : sourceShape(service)),
    ...(kind === 'build' ? {} : { deployment: liveShape(service) }),
    ports: kind === 'build' ? [] : portsShape(service),
    cluster: { id: 'nf-europe-west', name: 'nf-europe-west' },
  } satisfies GetServiceResult;
};

/** Returns a deployment service. The answer to a change shows the service in this form. */
export const changedShape = (service: Service) => {
  const { info, settings, rollout } = service;
  return {
    ...{ id: info.id, appId: appId(service), name: info.id, serviceType: 'deployment' as const },
    billing: { deploymentPlan: 'nf-compute-20' },
    createdAt: '2026-01-01T00:00:00.000Z',
    status: statusShape(service, []),
    deployment: {
      instances: settings.instances,
      ...(rollout.target ? { internal: settingOf(service) } : {}),
    },
    cluster: { id: 'nf-europe-west', name: 'nf-europe-west' },
  } satisfies PatchServiceDeploymentResult;
};
