import type { Fails, Matrix, Row } from './cells.ts';

const account = '0123456789abcdef0123456789abcdef';
const script = `/client/v4/accounts/${account}/workers/scripts/CELL`;
const createVersion = 'cloudflare createVersion';
const createDeployment = 'cloudflare createDeployment';
const once = { [createVersion]: 1, [createDeployment]: 1 };
const twice = { [createVersion]: 1, [createDeployment]: 2 };

/**
 * How an upload fails, by column. wrangler repeats an upload by itself, unless the answer says that
 * the upload succeeded.
 */
const uploadFails: Fails = {
  'acknowledged, lost': 'UnknownOutcome',
  'out of order': 'UnknownOutcome',
};
/** How a move of traffic fails, by column. wrangler does not repeat this call by itself. */
const shareFails: Fails = {
  '429': 'Unavailable',
  '500 before': 'UnknownOutcome',
  'dropped before': 'UnknownOutcome',
  'acknowledged, lost': 'UnknownOutcome',
  'lying status': 'either',
  'out of order': 'UnknownOutcome',
};
/**
 * How the call that sets the address fails, by column. The traffic has already moved before this
 * call, so a retry sets only the routes.
 */
const addressFails: Fails = { 'lying status': 'either', 'out of order': 'UnknownOutcome' };
// A repetition of the deploy takes long, because it runs wrangler for the routes. So the test
// repeats the deploy in one column only.
const deployed = { effects: once, serves: 'next', againIn: ['slow'] };
const movedOnly = { [createDeployment]: 1 };

const upload = {
  service: 'cloudflare',
  call: `POST ${script}/versions`,
  status: `GET ${script}/versions`,
  repeats: [createVersion],
  lies: 2,
};
/** Plimsoll and wrangler each query the status once before the call. */
const share = {
  service: 'cloudflare',
  call: `POST ${script}/deployments`,
  status: `GET ${script}/deployments`,
  lies: 3,
};

/** The row that moves the traffic in steps. The other rows move all traffic at once. */
export const bySteps: Row = {
  ...upload,
  name: 'by steps: upload, a tenth, all',
  during: 'uploadVersion',
  later: [
    { ...share, during: 'shareTraffic' },
    { ...share, during: 'holdShare' },
  ],
  effects: twice,
  // This test moves only a tenth of the traffic to the new release. So two releases are served, and
  // the test does not check which.
  adapter: { effects: once, fails: uploadFails, failsLater: shareFails, serves: null },
};

export const cloudflare: Matrix = {
  id: 'cloudflare',
  // These activities run wrangler, which takes seconds.
  alone: 'none',
  platform: 'Cloudflare Workers',
  rows: [
    {
      ...upload,
      name: 'wrangler deploy, the first one',
      call: `PUT ${script}`,
      during: 'deployWorker',
      fresh: true,
      repeats: [createVersion, createDeployment],
      adapter: { ...deployed, fails: { ...uploadFails, 'lying status': 'either' } },
    },
    {
      ...upload,
      name: 'wrangler deploy: its version',
      during: 'deployWorker',
      adapter: { ...deployed, fails: uploadFails },
    },
    {
      ...share,
      name: 'wrangler deploy: its traffic',
      during: 'deployWorker',
      adapter: { ...deployed, fails: shareFails },
    },
    {
      ...share,
      name: 'wrangler deploy: its address',
      call: `POST ${script}/subdomain`,
      during: 'deployWorker',
      adapter: { ...deployed, fails: addressFails },
    },
    bySteps,
    {
      ...share,
      name: 'roll back',
      during: 'rollBackWorker',
      bad: true,
      deployedIn: '500 after',
      adapter: { effects: movedOnly, fails: shareFails, serves: 'old' },
    },
  ],
  effects: { forward: once, back: twice },
  idempotent: ['cloudflare patchSettings', 'cloudflare setSubdomain'],
};
