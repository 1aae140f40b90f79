import type { VercelTarget } from '../../plan.ts';
import type { Terms } from '../contract.ts';
import { published } from './published.ts';

export const vercel: Terms<VercelTarget> = {
  effects({ project, ...target }, { branch }) {
    const where = `Vercel ${project}`;
    return [
      published(target, branch),
      {
        ...{ when: 'forward', where, what: 'a build of the commit, where it has none' },
        calls: ['POST /v13/deployments', 'PATCH /v12/deployments/*/cancel'],
      },
      {
        ...{ when: 'forward', always: true, where, what: 'the deployment that is promoted' },
        calls: ['POST /v10/projects/*/promote/*'],
      },
      {
        ...{ when: 'forward', where, what: 'domains that are not assigned by themselves' },
        calls: [`PATCH /v9/projects/${project}`],
      },
      {
        ...{ when: 'trouble', where, what: 'the deployment before, rolled back to' },
        calls: ['POST /v1/projects/*/rollback/*', 'POST /v10/projects/*/promote/*'],
      },
      {
        ...{ when: 'trouble', where, what: 'domains that are not assigned by themselves' },
        calls: [`PATCH /v9/projects/${project}`],
      },
    ];
  },
  paths: ({ health, version }) => [
    { path: health, what: 'health' },
    { path: version, what: 'the version' },
  ],
};
