import type { VercelTarget } from './target.ts';
import type { EffectDeclaration } from '../platform.ts';
import { published } from '../published.ts';

export const effects: EffectDeclaration<VercelTarget> = {
  effects({ project, ...target }, { branch }) {
    const where = `Vercel ${project}`;
    return [
      published(target, branch),
      {
        ...{ when: 'forward', where, what: 'a build of the commit, if the commit has none' },
        calls: ['POST /v13/deployments', 'PATCH /v12/deployments/*/cancel'],
      },
      {
        ...{ when: 'forward', always: true, where, what: 'the deployment that is promoted' },
        calls: ['POST /v10/projects/*/promote/*'],
      },
      {
        ...{ when: 'forward', where, what: 'automatic domain assignment, turned off' },
        calls: [`PATCH /v9/projects/${project}`],
      },
      {
        ...{ when: 'trouble', where, what: 'a rollback to the previous deployment' },
        calls: ['POST /v1/projects/*/rollback/*', 'POST /v10/projects/*/promote/*'],
      },
      {
        ...{ when: 'trouble', where, what: 'automatic domain assignment, turned off' },
        calls: [`PATCH /v9/projects/${project}`],
      },
    ];
  },
  paths: ({ health, version }) => [
    { path: health, what: 'health' },
    { path: version, what: 'the version' },
  ],
};
