import type { CloudflareTarget } from './target.ts';
import type { EffectDeclaration } from '../platform.ts';

/**
 * The configuration file of wrangler decides which settings of the Worker change. This list has
 * every setting that wrangler may change.
 */
export const effects: EffectDeclaration<CloudflareTarget> = {
  effects({ account, worker, rollout }) {
    const script = `/accounts/${account}/workers/scripts/${worker}`;
    const where = `Worker ${worker}`;
    const what =
      rollout === 'gradual'
        ? 'a version, and its share of the traffic: 10 %, then all'
        : 'a version that gets all the traffic';
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
          what:
            "the settings in wrangler's file: routes, schedules, domains, assets, workflows, " +
            'queue consumers',
        },
        calls: [
          ...[`PATCH ${script}/script-settings`, `POST ${script}/subdomain`, `PUT ${script}/*`],
          ...[
            `POST ${script}/assets-upload-session`,
            `POST /accounts/${account}/workers/assets/upload*`,
            `PUT /accounts/${account}/workflows/*`,
            'POST /zones/*/workers/routes',
            `POST /accounts/${account}/queues/*/consumers`,
            `PUT /accounts/${account}/queues/*/consumers/*`,
          ],
        ],
      },
      {
        when: 'trouble',
        where,
        what: 'the previous version, which gets all the traffic',
        calls: [`POST ${script}/deployments`],
      },
    ];
  },
  paths: ({ health, version }) => [
    { path: health, what: 'health' },
    { path: version, what: 'the version' },
  ],
};
