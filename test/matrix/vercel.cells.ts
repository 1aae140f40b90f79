import type { Matrix } from './cells.ts';

const forward = {
  'vercel promote': 1,
  'vercel live': 1,
  'vercel updateProject': 1,
};

export const vercel: Matrix = {
  platform: 'Vercel',
  test: 'test/matrix/vercel.test.ts',
  rows: [
    {
      name: 'push to main',
      service: 'git',
      call: 'push POST /acme/CELL.git',
      status: 'ls-refs POST /acme/CELL.git',
      during: 'publishCommit',
      unmerged: true,
      effects: { ...forward, 'vercel build': 1 },
    },
    {
      name: 'start a build',
      service: 'vercel',
      call: 'CELL POST /v13/deployments',
      status: 'CELL GET /v7/deployments',
      during: 'pickDeployment',
    },
    {
      name: 'promote',
      service: 'vercel',
      call: 'CELL POST /v10/projects',
      status: 'CELL GET /v9/projects',
      during: 'promoteDeployment',
    },
    {
      name: 'turn the assignment of domains off',
      service: 'vercel',
      call: 'CELL PATCH /v9/projects',
      status: 'CELL GET /v9/projects',
      during: 'turnAutoAssignOff',
    },
    {
      name: 'roll back',
      service: 'vercel',
      call: 'CELL POST /v1/projects',
      status: 'CELL GET /v9/projects',
      during: 'rollBackProduction',
      bad: true,
    },
  ],
  effects: {
    forward: { ...forward, 'vercel createDeployment': 1 },
    back: {
      ...forward,
      'vercel createDeployment': 1,
      'vercel live': 2,
      'vercel rollback': 1,
    },
  },
};
