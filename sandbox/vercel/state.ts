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
export type EventType = 'command' | 'stdout' | 'stderr' | 'exit' | 'deployment-state';
export type BuildEvent = { type: EventType; at: number; text: string; statusCode?: number };

export type Deployment = {
  id: string;
  /** What it is built from. */
  sha: string;
  ref: string;
  production: boolean;
  source: 'git' | 'redeploy' | 'api-trigger-git-deploy';
  meta: Record<string, string>;
  /** As the variables were when it was created. */
  env: Record<string, string>;
  state: ReadyState;
  /** PROMOTED once it has seen production traffic, whatever is live now. */
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
export type Alias = { uid: string; domain: string; deploymentId: string; createdAt: number };
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
  /** owner/name at the git host. */
  repository: string;
  repoId: number;
  productionBranch: string;
  plan: 'hobby' | 'pro';
  autoAssign: boolean;
  /** A rolling release is configured; the project serves nobody. */
  rolling: boolean;
  paused: boolean;
  /** Newest last. */
  deployments: Deployment[];
  /** Every deployment that was ever live, newest last; the last one is live. */
  lives: string[];
  domains: string[];
  aliases: Alias[];
  variables: Variable[];
  lastAliasRequest: AliasRequest | null;
  moves: AliasMove[];
  rollbackNote: { description: string; createdAt: number } | null;
  /** What happens to the next alias job, or to the next build; used up by it. */
  nextMove: 'fails' | 'fails-in-part' | null;
  nextBuild: 'blocked' | null;
  builds: Gate;
  jobs: Gate;
};

export const newId = (prefix: string) =>
  `${prefix}_${randomBytes(14).toString('hex').slice(0, 24)}`;

export const liveOf = (project: Project) =>
  project.deployments.find(({ id }) => id === project.lives.at(-1));

/** What was live before what is live now. */
export const previousOf = ({ lives }: Project) =>
  lives.findLast((id) => id !== lives.at(-1)) ?? null;

export const isRolledBackTo = (project: Project, deployment: Deployment) =>
  deployment.production &&
  deployment.state === 'READY' &&
  deployment.substate === 'PROMOTED' &&
  deployment.id !== project.lives.at(-1);

/** On Hobby only the one that was live before. */
export const isCandidate = (project: Project, deployment: Deployment) =>
  isRolledBackTo(project, deployment) &&
  (project.plan !== 'hobby' || deployment.id === previousOf(project));

export const isMoving = ({ lastAliasRequest }: Project) =>
  lastAliasRequest?.jobStatus === 'pending' || lastAliasRequest?.jobStatus === 'in-progress';
