import type { CloudflareStep } from '../../../domain/platforms/cloudflare/activities.ts';
import type { CloudflareTarget } from '../../../domain/platforms/cloudflare/target.ts';
import { sitesOf } from '../../../domain/platforms/sites.ts';
import { cancellation } from '../../lib/temporal-context.ts';
import type { Key, Source, Worker } from './api/access.ts';
import { createClient } from './api/client.ts';
import type { CloudflareClient } from './api/client.ts';

type Secret = (ref: string) => string;
/** One Worker, and the client that reads facts about the Worker. */
export type At = { target: CloudflareTarget; worker: Worker; client: CloudflareClient };
export type AtOf = (target: CloudflareTarget) => At;

export const variableOf = (ref: string) => ref.slice('env:'.length);
export const nameOf = (target: CloudflareTarget) => sitesOf(target)[0]?.name ?? '';
export const short = (sha: string) => sha.slice(0, 7);
export const shareOf = (versionId: string, percentage = 100) => ({ versionId, percentage });

/**
 * Makes the client for a target. Throws a final failure of type 'misconfigured' if the token's
 * variable is not set.
 */
export const atOf =
  (secret: Secret): AtOf =>
  (target) => {
    const { api, account, token, worker: name } = target;
    const access = { api, account, token: secret(token), variable: variableOf(token) };
    const worker = { access, name };
    return { target, worker, client: createClient(worker, cancellation()) };
  };

/**
 * Returns the key for the version of this deploy. The tag is the commit. The message names the
 * deploy. So a second deploy of the same commit gets another version.
 */
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

/**
 * Returns the origin at which only this version answers, or null if the versions of the worker have
 * no own address.
 */
export async function previewOf({ target, client }: At, id: string): Promise<string | null> {
  const prefix = id.slice(0, 8);
  if (target.preview !== null) return target.preview.replace('{version}', prefix);
  const { previews } = await client.subdomain();
  if (!previews) return null;
  return `https://${prefix}-${target.worker}.${await client.accountSubdomain()}.workers.dev`;
}

/**
 * Returns the headers that send a request at the production address to this version, while two
 * versions share the traffic.
 */
export const overrideOf = ({ worker }: CloudflareTarget, id: string) => ({
  'cloudflare-workers-version-overrides': `${worker}="${id}"`,
});
