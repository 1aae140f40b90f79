import { overGit, overHttp } from './cells.ts';
import type { Fails, Matrix } from './cells.ts';

const services = '/v1/projects/openclaw/services/CELL';

/**
 * How the start of a build fails, by column. If only the answer is lost, the activity finds the new
 * build and does not fail.
 */
const startFails: Fails = {
  '429': 'Unavailable',
  '500 before': 'UnknownOutcome',
  'dropped before': 'UnknownOutcome',
  'acknowledged, lost': 'Unavailable',
  'out of order': 'UnknownOutcome',
};

export const northflank: Matrix = {
  id: 'northflank',
  alone: 'covering',
  platform: 'Northflank',
  rows: [
    {
      name: 'push to main',
      service: 'git',
      call: 'push POST /acme/CELL.git',
      status: 'ls-refs POST /acme/CELL.git',
      during: 'publishCommit',
      unmerged: true,
      deployedIn: 'out of order',
      adapter: { effects: { 'git push': 1 }, fails: overGit, serves: null },
    },
    {
      name: 'start a build',
      service: 'northflank',
      call: `POST ${services}/build`,
      status: `GET ${services}/build/`,
      during: 'adoptBuild',
      adapter: { effects: { 'northflank startBuild': 1 }, fails: startFails, serves: 'old' },
    },
    {
      name: 'deploy a build',
      service: 'northflank',
      call: `POST ${services}/deployment`,
      status: `GET ${services}/deployment`,
      during: 'deployBuild',
      adapter: { effects: { 'northflank deploy': 1 }, fails: overHttp, serves: 'next' },
    },
    {
      name: 'roll back to the previous build',
      service: 'northflank',
      call: `POST ${services}/deployment`,
      status: `GET ${services}/deployment`,
      during: 'rollBackDeployment',
      bad: true,
      adapter: { effects: { 'northflank deploy': 1 }, fails: overHttp, serves: 'old' },
    },
  ],
  effects: {
    forward: { 'northflank startBuild': 1, 'northflank deploy': 1 },
    back: { 'northflank startBuild': 1, 'northflank deploy': 2 },
  },
};
