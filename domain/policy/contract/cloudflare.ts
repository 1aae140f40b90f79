import type { CloudflareTarget } from '../../plan.ts';
import type { Terms } from '../contract.ts';

/** wrangler decides by its file which of a Worker's own settings it writes. */
export const cloudflare: Terms<CloudflareTarget> = {
  effects({ account, worker, rollout }) {
    const script = `/accounts/${account}/workers/scripts/${worker}`;
    const where = `Worker ${worker}`;
    const what =
      rollout === 'gradual'
        ? 'a version, and its share: 10 %, then all'
        : 'a version that everybody gets';
    return [
      {
        ...{ when: 'forward', always: true, where, what },
        calls: [
          `POST ${script}/versions`,
          `POST ${script}/deployments`,
          `PUT ${script}`,
          `PUT ${script}?*`,
        ],
      },
      {
        ...{
          when: 'forward',
          where,
          what: "what wrangler's file says of it: routes, schedules, domains, assets",
        },
        calls: [
          ...[`PATCH ${script}/script-settings`, `POST ${script}/subdomain`, `PUT ${script}/*`],
          ...[
            `POST ${script}/assets-upload-session`,
            `POST /accounts/${account}/workers/assets/upload*`,
          ],
        ],
      },
      {
        when: 'trouble',
        where,
        what: 'the version before, which everybody gets',
        calls: [`POST ${script}/deployments`],
      },
    ];
  },
  paths: ({ health, version }) => [
    { path: health, what: 'health' },
    { path: version, what: 'the version' },
  ],
};
