import type { GetServiceBuildResult, GetServiceContainersResult } from '@northflank/js-client';

export type BuildStatus = NonNullable<GetServiceBuildResult['status']>;
export type ContainerStatus = NonNullable<
  GetServiceContainersResult['containers']
>[number]['status'];
export type Line = { containerId: string; log: string; ts: string };

/** Settings from the dashboard. All of them can change while the service runs. */
export type Settings = {
  kind: 'combined' | 'build' | 'deployment';
  disabledCI: boolean;
  disabledCD: boolean;
  /** A paused service answers every request with 503. */
  paused: boolean;
  /** The internal port that the service declares. The traffic goes to this port. */
  port: number;
  /** The readiness probe, or null if there is none. */
  probe: { path: string; port: number } | null;
  strategy: 'recreate' | 'rollout-steady' | 'rollout-balanced' | 'rollout-fast';
  /**
   * The gradual rollout strategy that the team attached to the service, or null if there is none.
   */
  gradual: Gradual | null;
  instances: number;
  /**
   * The variables of the running process. PORT is the port that the process listens on, inside its
   * container.
   */
  environment: Record<string, string>;
  /** The length of each state of a build or a rollout, in milliseconds. */
  stepMs: number;
  /** A rollout fails if its containers are not ready after this number of milliseconds. */
  deadlineMs: number;
  /**
   * The failure that a test planned for the next build, or null. With UNSCHEDULABLE, the build
   * waits until it is aborted.
   */
  nextBuild: 'CRASHED' | 'FAILURE' | 'SUBMISSION_FAILURE' | 'UNSCHEDULABLE' | null;
};

/**
 * A gradual rollout strategy. A deploy gives the newer release `percent` of the traffic until
 * somebody promotes it. If `blocks` is true, Northflank accepts no other deploy until then.
 */
export type Gradual = { id: string; percent: number; blocks: boolean };

export type ServiceInput = Partial<Settings> & {
  id: string;
  project: string;
  /**
   * If set, the path of a request must contain this team. If the team is missing in the path, the
   * response is 404.
   */
  team?: string;
  /** The repository at the git host, as owner/name. */
  repository: string;
  branch?: string;
  /**
   * The id of the service that makes the builds. If set, this service makes no builds and deploys
   * the builds of that service.
   */
  buildsFrom?: string;
};

export type Build = {
  id: string;
  sha: string;
  branch: string;
  status: BuildStatus;
  /** Every state of the build, oldest first. */
  states: BuildStatus[];
  message: string | null;
  /** Creation time in milliseconds since 1970. */
  createdAt: number;
  concludedAt: number | null;
  /**
   * The directory with the files of the built commit. It is null until the commit is checked out.
   */
  image: string | null;
  log: Line[];
};

export const standard: Settings = {
  kind: 'combined',
  disabledCI: false,
  disabledCD: false,
  paused: false,
  port: 18789,
  probe: { path: '/healthz', port: 18789 },
  strategy: 'rollout-steady',
  gradual: null,
  instances: 1,
  environment: {},
  stepMs: 100,
  deadlineMs: 3000,
  nextBuild: null,
};

export const concluded = ({ concludedAt }: Build) => concludedAt !== null;
export const succeeded = ({ status }: Build) => status === 'SUCCESS';

/**
 * A notification of Northflank. `event` is its name, such as "trigger:build:success". Notifications
 * are not signed, so anybody can send one.
 */
export type Hint = { event: string; data: Record<string, unknown> };
export type Tell = (hint: Hint) => void;
