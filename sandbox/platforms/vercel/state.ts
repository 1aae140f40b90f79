import { randomBytes } from 'node:crypto';
import type { DeploymentSite } from './deployment-site.ts';
import type { Gate } from './gate.ts';

export type ReadyState =
  | 'QUEUED'
  | 'INITIALIZING'
  | 'BUILDING'
  | 'READY'
  | 'ERROR'
  | 'CANCELED'
  | 'BLOCKED';
type EventType = 'command' | 'stdout' | 'stderr' | 'exit' | 'deployment-state';
export type BuildEvent = { type: EventType; at: number; text: string; statusCode?: number };

export type Deployment = {
  id: string;
  /** The SHA of the commit that is built. */
  sha: string;
  ref: string;
  production: boolean;
  source: 'git' | 'redeploy' | 'api-trigger-git-deploy';
  meta: Record<string, string>;
  /** The environment variables that the project had when the deployment was created. */
  env: Record<string, string>;
  state: ReadyState;
  /**
   * PROMOTED if the deployment is or was live in production. STAGED if it is ready but was never
   * live.
   */
  substate: 'STAGED' | 'PROMOTED' | null;
  createdAt: number;
  buildingAt: number | null;
  readyAt: number | null;
  events: BuildEvent[];
  error: { code: string; message: string } | null;
  site: DeploymentSite;
};

export type AliasRequest = {
  fromDeploymentId: string | null;
  toDeploymentId: string;
  jobStatus: 'pending' | 'in-progress' | 'succeeded' | 'failed';
  requestedAt: number;
  type: 'promote' | 'rollback';
};
type Alias = { uid: string; domain: string; deploymentId: string; createdAt: number };
export type AliasMove = { id: string; alias: string; status: 'pending' | 'completed' | 'failed' };
export type Variable = {
  id: string;
  key: string;
  value: string;
  target: ('production' | 'preview' | 'development')[];
};

export type Project = {
  id: string;
  name: string;
  /** The repository at the git host, as owner/name. */
  repository: string;
  repoId: number;
  productionBranch: string;
  plan: 'hobby' | 'pro';
  autoAssign: boolean;
  /**
   * If `rolling` is true, a rolling release is configured. If `paused` is true, the project serves
   * no traffic.
   */
  rolling: boolean;
  paused: boolean;
  /** All deployments, newest last. */
  deployments: Deployment[];
  /** Ids of all deployments that were ever live, newest last. The last deployment is live now. */
  lives: string[];
  /** The production domains that are registered in the settings. */
  domains: string[];
  /** For each domain, the settings that differ from the defaults of a production domain. */
  domainSettings: Record<string, { gitBranch?: string; redirect?: string; verified?: boolean }>;
  /**
   * The address that Vercel makes for the project, such as shop-acme.vercel.app. When a production
   * build is ready, the address points to this build, even if `autoAssign` is off. A job of type
   * `promote` does not change this.
   */
  generated: string;
  aliases: Alias[];
  variables: Variable[];
  lastAliasRequest: AliasRequest | null;
  moves: Record<AliasRequest['type'], AliasMove[]>;
  rollbackNote: { description: string; createdAt: number } | null;
  /**
   * The failure that a test planned for the next alias job (`nextMove`) or the next build
   * (`nextBuild`). A planned failure happens only once.
   */
  nextMove: 'fails' | 'fails-in-part' | null;
  nextBuild: 'blocked' | null;
  builds: Gate;
  jobs: Gate;
};

export const newId = (prefix: string) =>
  `${prefix}_${randomBytes(14).toString('hex').slice(0, 24)}`;

export const liveOf = (project: Project) =>
  project.deployments.find(({ id }) => id === project.lives.at(-1));

/** Returns the id of the deployment that was live before the current deployment, or null. */
export const previousOf = ({ lives }: Project) =>
  lives.findLast((id) => id !== lives.at(-1)) ?? null;

export const isRolledBackTo = (project: Project, deployment: Deployment) =>
  deployment.production &&
  deployment.state === 'READY' &&
  deployment.substate === 'PROMOTED' &&
  deployment.id !== project.lives.at(-1);

/**
 * Returns true if a rollback to this deployment is allowed. The plan Hobby allows only the
 * deployment that was live before.
 */
export const isCandidate = (project: Project, deployment: Deployment) =>
  isRolledBackTo(project, deployment) &&
  (project.plan !== 'hobby' || deployment.id === previousOf(project));

export const isMoving = ({ lastAliasRequest }: Project) =>
  lastAliasRequest?.jobStatus === 'pending' || lastAliasRequest?.jobStatus === 'in-progress';
