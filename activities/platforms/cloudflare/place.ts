import type { CloudflareStep } from '../../../domain/activities/cloudflare.ts';
import type { CloudflareTarget } from '../../../domain/plan.ts';
import { sitesOf } from '../../../domain/policy/sites.ts';
import { cancellation } from '../../git/pulse.ts';
import type { Key, Source, Worker } from './access.ts';
import { createClient } from './client.ts';
import type { CloudflareClient } from './client.ts';

type Secret = (ref: string) => string;
/** One Worker and what can be asked of it. */
export type At = { target: CloudflareTarget; worker: Worker; client: CloudflareClient };
export type AtOf = (target: CloudflareTarget) => At;

export const variableOf = (ref: string) => ref.slice('env:'.length);
export const nameOf = (target: CloudflareTarget) => sitesOf(target)[0]?.name ?? '';
export const short = (sha: string) => sha.slice(0, 7);
export const shareOf = (versionId: string, percentage = 100) => ({ versionId, percentage });

/** Throws final misconfigured where the token's variable is not set. */
export const atOf =
  (secret: Secret): AtOf =>
  (target) => {
    const { api, account, token, worker: name } = target;
    const access = { api, account, token: secret(token), variable: variableOf(token) };
    const worker = { access, name };
    return { target, worker, client: createClient(worker, cancellation()) };
  };

/** The commit is the tag, the deploy the message: a commit that is deployed again gets a version of its own. */
export const keyOf = ({ deploy, release }: CloudflareStep): Key => ({
  tag: deploy.sha,
  message: `Plimsoll ${deploy.deployId} ${release.id}`.slice(0, 100),
});

export const sourceOf = ({ target, deploy }: CloudflareStep): Source => ({
  repository: target.repository,
  sha: deploy.sha,
  directory: target.directory,
  environment: target.env,
});

/** The origin where one version answers whatever is live; null = versions of this worker have none. */
export async function previewOf({ target, client }: At, id: string): Promise<string | null> {
  const prefix = id.slice(0, 8);
  if (target.preview !== null) return target.preview.replace('{version}', prefix);
  const { previews } = await client.subdomain();
  if (!previews) return null;
  return `https://${prefix}-${target.worker}.${await client.accountSubdomain()}.workers.dev`;
}

/** Sends a request at the production address to one of the versions that share the traffic. */
export const overrideOf = ({ worker }: CloudflareTarget, id: string) => ({
  'cloudflare-workers-version-overrides': `${worker}="${id}"`,
});
