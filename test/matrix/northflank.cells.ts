import type { Matrix } from './cells.ts';

const services = '/v1/projects/openclaw/services/CELL';

export const northflank: Matrix = {
  platform: 'Northflank',
  test: 'test/matrix/northflank.test.ts',
  rows: [
    {
      name: 'push to main',
      service: 'git',
      call: 'push POST /acme/CELL.git',
      status: 'ls-refs POST /acme/CELL.git',
      during: 'publishCommit',
      unmerged: true,
    },
    {
      name: 'start a build',
      service: 'northflank',
      call: `POST ${services}/build`,
      status: `GET ${services}/build/`,
      during: 'adoptBuild',
    },
    {
      name: 'deploy a build',
      service: 'northflank',
      call: `POST ${services}/deployment`,
      status: `GET ${services}/deployment`,
      during: 'deployBuild',
    },
    {
      name: 'restore the build before',
      service: 'northflank',
      call: `POST ${services}/deployment`,
      status: `GET ${services}/deployment`,
      during: 'restoreDeployment',
      bad: true,
    },
  ],
  effects: {
    forward: { 'northflank startBuild': 1, 'northflank deploy': 1 },
    back: { 'northflank startBuild': 1, 'northflank deploy': 2 },
  },
};
