import { overGit, overHttp } from './cells.ts';
import type { Fails, Matrix } from './cells.ts';

/**
 * How an order to Vercel fails, by column. If Vercel acknowledges an order and nothing changes, the
 * order may still take effect later.
 */
const orderFails: Fails = { ...overHttp, 'acknowledged, lost': 'UnknownOutcome' };

const forward = {
  'vercel promote': 1,
  'vercel live': 1,
  'vercel updateProject': 1,
};

export const vercel: Matrix = {
  id: 'vercel',
  alone: 'covering',
  platform: 'Vercel',
  rows: [
    {
      name: 'push to main',
      service: 'git',
      call: 'push POST /acme/CELL.git',
      status: 'ls-refs POST /acme/CELL.git',
      during: 'publishCommit',
      unmerged: true,
      adapter: { effects: { 'git push': 1 }, fails: overGit, serves: null },
      effects: { ...forward, 'vercel build': 1 },
    },
    {
      name: 'start a build',
      service: 'vercel',
      call: 'CELL POST /v13/deployments',
      status: 'CELL GET /v7/deployments',
      during: 'pickDeployment',
      adapter: { effects: { 'vercel createDeployment': 1 }, fails: orderFails, serves: null },
    },
    {
      name: 'promote',
      service: 'vercel',
      call: 'CELL POST /v10/projects',
      status: 'CELL GET /v9/projects',
      during: 'promoteDeployment',
      adapter: {
        effects: { 'vercel promote': 1, 'vercel live': 1 },
        fails: orderFails,
        serves: 'next',
      },
    },
    {
      name: 'turn the assignment of domains off',
      service: 'vercel',
      call: 'CELL PATCH /v9/projects',
      status: 'CELL GET /v9/projects',
      during: 'turnAutoAssignOff',
      adapter: { effects: { 'vercel updateProject': 1 }, fails: overHttp, serves: null },
    },
    {
      name: 'roll back',
      service: 'vercel',
      call: 'CELL POST /v1/projects',
      status: 'CELL GET /v9/projects',
      during: 'rollBackProduction',
      bad: true,
      deployedIn: 'dropped after',
      adapter: {
        effects: { 'vercel rollback': 1, 'vercel live': 1 },
        fails: orderFails,
        serves: 'old',
      },
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
