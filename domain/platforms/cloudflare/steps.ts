import { short } from '../../messages/parts/served.ts';
import type { Words } from '../platform.ts';
import type { CloudflareTarget } from './target.ts';

export const steps: Words<CloudflareTarget> = {
  release(target, sha) {
    const proof = target.version === null ? 'health' : 'health and the served version';
    return [
      `check out ${short(sha)} and install its dependencies without any token`,
      ...(target.rollout === 'gradual' ? byShares : [`wrangler deploy from ${placeOf(target)}`]),
      `prove that ${target.worker} serves ${short(sha)} to everybody; ` +
        `check ${proof} at ${hostOf(target)}`,
    ];
  },
  rollback: ({ worker }, { sha, platformId }) => [
    `wrangler rollback of ${worker} to ` +
      `${platformId === undefined ? 'the version' : `version ${platformId}`} of ${short(sha)}, ` +
      'proven by probing; stored data, secrets, routes and schedules stay as they are',
  ],
  afterRollback: ({ worker }) => [secretsLocked(worker)],
  source: "Cloudflare's analytics",
  where: ({ worker, account, env }) => [
    `Worker ${worker}${env === null ? '' : ` (--env ${env})`} of account ${account}`,
  ],
};

/**
 * Returns a text about secrets for people. Cloudflare refuses to edit a secret while the newest
 * version does not serve all traffic (codes 10214 and 10215). This is the case after every
 * rollback, and after the upload of a version without traffic.
 */
export const secretsLocked = (worker: string) =>
  `until the next deploy of ${worker}, Cloudflare refuses "wrangler secret put" (code 10215), ` +
  'because the newest version is not live. To change a secret, run ' +
  `"npx wrangler versions secret put NAME --name ${worker}": the next deploy uses this ` +
  'secret. Do not give traffic to the version that this command makes: it has the code of the newest version';

/** The steps of a gradual release. Approvers sign these steps. */
const byShares = [
  'upload the version and test it at its own address, before it gets any traffic',
  'give the version 10 % of the traffic, and probe it for 5 min',
  'give the version all the traffic, then set the routes and schedules',
];

const placeOf = ({ directory }: CloudflareTarget) =>
  directory === '' ? "the repository's root" : directory;
const hostOf = ({ url }: CloudflareTarget) => new URL(url).host;
