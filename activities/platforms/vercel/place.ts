import type { VercelTarget } from '../../../domain/plan.ts';
import { sitesOf } from '../../../domain/policy/sites.ts';
import { createVercel } from './client.ts';
import type { Vercel } from './client.ts';

type Secret = (ref: string) => string;
export type VercelOf = (target: Pick<VercelTarget, 'api' | 'token' | 'team'>) => Vercel;

export const variableOf = (ref: string) => ref.slice('env:'.length);

/** Throws final misconfigured where the token's variable is not set. */
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

/** Lets a probe through the protection of a deployment's own address. */
export const bypassOf =
  (secret: Secret) =>
  ({ bypass }: Pick<VercelTarget, 'bypass'>): Record<string, string> =>
    bypass === null ? {} : { 'x-vercel-protection-bypass': secret(bypass) };
