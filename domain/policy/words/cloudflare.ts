import type { CloudflareTarget } from '../../plan.ts';
import { short } from '../served.ts';
import type { Words } from '../words.ts';

export const cloudflare: Words<CloudflareTarget> = {
  release(target, sha) {
    const proof = target.version === null ? 'health' : 'health and the served version';
    return [
      `check ${short(sha)} out, install its dependencies without any token`,
      ...(target.rollout === 'gradual' ? byShares : [`wrangler deploy from ${placeOf(target)}`]),
      `prove that ${target.worker} serves it to everybody; ask ${hostOf(target)} for ${proof}`,
    ];
  },
  restore: ({ worker }, { sha, platformId }) => [
    `wrangler rollback of ${worker} to ${platformId === undefined ? 'the version' : `version ${platformId}`} ` +
      `of ${short(sha)}, prove it by probing; what is stored, secrets, routes and schedules stay as they are`,
  ],
  source: "Cloudflare's analytics",
  where: ({ worker, account, env }) => [
    `Worker ${worker}${env === null ? '' : ` (--env ${env})`} of account ${account}`,
  ],
};

/** Whoever signs this signs both steps. */
const byShares = [
  'upload it as a version, try it at its own address, before anybody is sent there',
  'give it 10 % of the traffic, and ask it there for 5 min',
  'give it all the traffic, then set its routes and schedules',
];

const placeOf = ({ directory }: CloudflareTarget) =>
  directory === '' ? "the repository's root" : directory;
const hostOf = ({ url }: CloudflareTarget) => new URL(url).host;
