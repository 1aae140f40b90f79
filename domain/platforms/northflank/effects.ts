import type { NorthflankTarget } from './target.ts';
import type { EffectDeclaration } from '../platform.ts';
import { published } from '../published.ts';

export const effects: EffectDeclaration<NorthflankTarget> = {
  effects(target, { branch }) {
    const where = `Northflank ${target.project}/${target.service}`;
    // The first call is for a deployment service, the second for a combined service.
    const deployment = [
      `PATCH ${projectOf(target)}/services/deployment/${target.service}`,
      `POST ${rootOf(target)}/deployment`,
    ];
    return [
      published(target, branch),
      {
        ...{ when: 'forward', where, what: 'a build of the commit, if the commit has none' },
        calls: [`POST ${rootOf(target)}/build`, `DELETE ${rootOf(target)}/build/*`],
      },
      {
        when: 'forward',
        always: true,
        where,
        what: 'the build that is deployed and pinned',
        calls: deployment,
      },
      { when: 'trouble', where, what: 'the previous build, pinned', calls: deployment },
    ];
  },
  paths: ({ health, version }) => [
    { path: health, what: 'health' },
    { path: version, what: 'the version' },
  ],
};

const projectOf = ({ project, team }: NorthflankTarget) =>
  ['/v1', ...(team ? ['teams', team] : []), 'projects', project].join('/');

const rootOf = (target: NorthflankTarget) => `${projectOf(target)}/services/${target.service}`;
