import type { Matrix, Row } from './cells.ts';

const account = '0123456789abcdef0123456789abcdef';
const script = `/client/v4/accounts/${account}/workers/scripts/CELL`;
const createVersion = 'cloudflare createVersion';
const createDeployment = 'cloudflare createDeployment';
const once = { [createVersion]: 1, [createDeployment]: 1 };
const twice = { [createVersion]: 1, [createDeployment]: 2 };

const upload = {
  service: 'cloudflare',
  call: `POST ${script}/versions`,
  status: `GET ${script}/versions`,
  repeats: [createVersion],
  lies: 2,
};
/** Before the call we look, and wrangler does. */
const share = {
  service: 'cloudflare',
  call: `POST ${script}/deployments`,
  status: `GET ${script}/deployments`,
  lies: 3,
};

/** The cells that roll out by steps; the others do it all at once. */
export const bySteps: Row = {
  ...upload,
  name: 'by steps: upload, a tenth, all',
  during: 'uploadVersion',
  later: [
    { ...share, during: 'shareTraffic' },
    { ...share, during: 'holdShare' },
  ],
  effects: twice,
};

export const cloudflare: Matrix = {
  platform: 'Cloudflare Workers',
  test: 'test/matrix/cloudflare.test.ts',
  rows: [
    {
      ...upload,
      name: 'wrangler deploy, the first one',
      call: `PUT ${script}`,
      during: 'deployWorker',
      fresh: true,
      repeats: [createVersion, createDeployment],
    },
    { ...upload, name: 'wrangler deploy: its version', during: 'deployWorker' },
    { ...share, name: 'wrangler deploy: its traffic', during: 'deployWorker' },
    {
      ...share,
      name: 'wrangler deploy: its address',
      call: `POST ${script}/subdomain`,
      during: 'deployWorker',
    },
    bySteps,
    { ...share, name: 'roll back', during: 'rollBackWorker', bad: true },
  ],
  effects: { forward: once, back: twice },
  idempotent: ['cloudflare patchSettings', 'cloudflare setSubdomain'],
};
