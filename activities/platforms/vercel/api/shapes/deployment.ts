import { z } from 'zod';
import { redact } from '../../../../../domain/lib/redact.ts';
import { known, plans } from './known.ts';

const readyStates = [
  'BLOCKED',
  'BUILDING',
  'CANCELED',
  'DELETED',
  'ERROR',
  'INITIALIZING',
  'QUEUED',
  'READY',
] as const;
const substates = ['STAGED', 'ROLLING', 'PROMOTED'] as const;

/** Returns the origin of a deployment's host. Only a sandbox has a loopback host, with http. */
const origin = (host: string) =>
  `${/^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/.test(host) ? 'http' : 'https'}://${host}`;

const Meta = z.record(z.string(), z.unknown()).default({});
const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : null);
const commitIn = (meta: Record<string, unknown>) =>
  text(meta['githubCommitSha']) ??
  text(meta['gitlabCommitSha']) ??
  text(meta['bitbucketCommitSha']);

const facts = {
  url: z.string().min(1),
  createdAt: z.number(),
  readyState: known(readyStates),
  readySubstate: known(substates).nullish(),
  target: z.string().nullish(),
  meta: Meta,
  source: z.string().nullish(),
  readyStateReason: z.string().nullish(),
  errorCode: z.string().nullish(),
  errorMessage: z.string().nullish(),
  aliasAssigned: z.union([z.boolean(), z.number()]).nullish(),
  aliasError: z.object({ code: z.string().nullish(), message: z.string().nullish() }).nullish(),
};
type Facts = z.infer<z.ZodObject<typeof facts>>;

const problem = ({ errorCode, errorMessage, readyStateReason, aliasError }: Facts) => {
  const parts = [
    errorCode ?? aliasError?.code,
    errorMessage ?? aliasError?.message ?? readyStateReason,
  ].filter((part) => part !== null && part !== undefined && part !== '');
  return parts.length === 0 ? null : redact(parts.join(': '));
};

const common = (facts: Facts) => ({
  /** The deployment's own address, which never changes. */
  origin: origin(facts.url),
  createdAt: facts.createdAt,
  state: facts.readyState,
  /**
   * STAGED means that the deployment was never production. PROMOTED means that the deployment is or
   * was production. null means that Vercel did not report the state.
   */
  substate: facts.readySubstate ?? null,
  production: facts.target === 'production',
  /**
   * The commit in the deployment's metadata. Anybody who may deploy can write this metadata, so the
   * commit proves nothing.
   */
  commit: commitIn(facts.meta),
  /** True if the deployment was built from uncommitted changes on a person's machine. */
  dirty: facts.meta['gitDirty'] === '1',
  /**
   * The id of the Plimsoll deploy that started this deployment. null means that Plimsoll did not
   * start it.
   */
  releaseId: text(facts.meta['releaseId']),
  source: facts.source ?? null,
  /**
   * The reason why the deployment is not ready, without secrets. null means that Vercel gave no
   * reason.
   */
  problem: problem(facts),
  aliased: facts.aliasAssigned === true || typeof facts.aliasAssigned === 'number',
});

const Listed = z
  .object({ ...facts, uid: z.string().min(1), isRollbackCandidate: z.boolean().nullish() })
  .transform(({ uid, isRollbackCandidate, ...rest }) => ({
    id: uid,
    ...common(rest),
    rollbackCandidate: isRollbackCandidate ?? null,
  }));

export type ListedDeployment = z.infer<typeof Listed>;
export const DeploymentPage = z.object({
  deployments: z.array(Listed),
  pagination: z.object({ next: z.number().nullable() }),
});

/**
 * Matches a host name of the internet, without a port. Probes send the bypass secret to this host,
 * so the host must not be a machine in a private network.
 */
const publicHost = /^(?!.*\.localhost$)([a-z0-9-]+\.)+[a-z][a-z0-9-]*$/i;

const deployment = (url: z.ZodString) =>
  z
    .object({
      ...facts,
      url,
      id: z.string().min(1),
      alias: z.array(z.string()).default([]),
      gitSource: z.object({ sha: z.string().nullish() }).nullish(),
      plan: known(plans).nullish(),
    })
    .transform(({ id, alias, gitSource, plan, ...rest }) => ({
      id,
      ...common(rest),
      aliases: alias,
      /**
       * The commit that Vercel fetched from git. null means that the files did not come from git.
       */
      built: gitSource?.sha ?? null,
      plan: plan ?? 'unknown',
    }));

export const Deployment = deployment(z.string().regex(publicHost));
/** A deployment of a sandbox, which may be at a loopback host. */
export const LocalDeployment = deployment(facts.url);
export type Deployment = z.infer<typeof Deployment>;
