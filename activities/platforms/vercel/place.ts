import type { VercelTarget } from '../../../domain/platforms/vercel/target.ts';
import { sitesOf } from '../../../domain/platforms/sites.ts';
import { createVercel } from './api/client.ts';
import type { Vercel } from './api/client.ts';

type Secret = (ref: string) => string;
export type VercelOf = (target: Pick<VercelTarget, 'api' | 'token' | 'team'>) => Vercel;

export const variableOf = (ref: string) => ref.slice('env:'.length);

/**
 * Makes the client for a target. Throws a final failure of type 'misconfigured' if the token's
 * variable is not set.
 */
export const vercelOf =
  (secret: Secret): VercelOf =>
  ({ api, token, team }) =>
    createVercel({
      api,
      token: secret(token),
      variable: variableOf(token),
      team: team ?? undefined,
    });

export const nameOf = (target: VercelTarget) => sitesOf(target)[0]?.name ?? '';
export const domainOf = ({ url }: Pick<VercelTarget, 'url'>) => new URL(url).host;
export const short = (sha: string) => sha.slice(0, 7);

/**
 * Returns the headers with which a probe passes Vercel's protection of a deployment's own address.
 * Returns no headers if no bypass secret is configured.
 */
export const bypassOf =
  (secret: Secret) =>
  ({ bypass }: Pick<VercelTarget, 'bypass'>): Record<string, string> =>
    bypass === null ? {} : { 'x-vercel-protection-bypass': secret(bypass) };
