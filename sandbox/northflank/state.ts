import type { GetServiceBuildResult, GetServiceContainersResult } from '@northflank/js-client';

export type BuildStatus = NonNullable<GetServiceBuildResult['status']>;
export type ContainerStatus = NonNullable<
  GetServiceContainersResult['containers']
>[number]['status'];
export type Line = { containerId: string; log: string; ts: string };

/** What a person sets in the dashboard; everything may be changed while it runs. */
export type Settings = {
  kind: 'combined' | 'build' | 'deployment';
  disabledCI: boolean;
  disabledCD: boolean;
  /** Nothing answers while it is. */
  paused: boolean;
  /** The internal port that the service declares: traffic goes there. */
  port: number;
  /** null = no readiness probe. */
  probe: { path: string; port: number } | null;
  strategy: 'recreate' | 'rollout-steady' | 'rollout-balanced' | 'rollout-fast';
  instances: number;
  /** Runtime variables; PORT is where the process listens, inside its container. */
  environment: Record<string, string>;
  /** How long each state of a build or a rollout lasts. */
  stepMs: number;
  /** A rollout whose containers are not ready by then has FAILED. */
  deadlineMs: number;
  /** How the next build ends, whatever it builds; UNSCHEDULABLE lasts until it is aborted. */
  nextBuild: 'CRASHED' | 'FAILURE' | 'SUBMISSION_FAILURE' | 'UNSCHEDULABLE' | null;
};

export type ServiceInput = Partial<Settings> & {
  id: string;
  project: string;
  /** Set: paths without this team find nothing. */
  team?: string;
  /** owner/name at the git host. */
  repository: string;
  branch?: string;
  /** A deployment service: whose builds it deploys. */
  buildsFrom?: string;
};

export type Build = {
  id: string;
  sha: string;
  branch: string;
  status: BuildStatus;
  /** Every state it was in, oldest first. */
  states: BuildStatus[];
  message: string | null;
  /** Epoch milliseconds. */
  createdAt: number;
  concludedAt: number | null;
  /** The built tree; null until it is built. */
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
  instances: 1,
  environment: {},
  stepMs: 100,
  deadlineMs: 3000,
  nextBuild: null,
};

export const concluded = ({ concludedAt }: Build) => concludedAt !== null;
export const succeeded = ({ status }: Build) => status === 'SUCCESS';

/** "trigger:build:success" and what it is about; anybody may send one like it. */
export type Hint = { event: string; data: Record<string, unknown> };
export type Tell = (hint: Hint) => void;
