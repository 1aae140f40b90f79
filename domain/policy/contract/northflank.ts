import type { NorthflankTarget } from '../../plan.ts';
import type { Terms } from '../contract.ts';
import { published } from './published.ts';

export const northflank: Terms<NorthflankTarget> = {
  effects(target, { branch }) {
    const where = `Northflank ${target.project}/${target.service}`;
    const deployment = [`POST ${rootOf(target)}/deployment`];
    return [
      published(target, branch),
      {
        ...{ when: 'forward', where, what: 'a build of the commit, where it has none' },
        calls: [`POST ${rootOf(target)}/build`, `DELETE ${rootOf(target)}/build/*`],
      },
      {
        when: 'forward',
        always: true,
        where,
        what: 'the build that is deployed and pinned',
        calls: deployment,
      },
      { when: 'trouble', where, what: 'the build before, pinned', calls: deployment },
    ];
  },
  paths: ({ health, version }) => [
    { path: health, what: 'health' },
    { path: version, what: 'the version' },
  ],
};

const rootOf = ({ project, service, team }: NorthflankTarget) =>
  ['/v1', ...(team ? ['teams', team] : []), 'projects', project, 'services', service].join('/');
