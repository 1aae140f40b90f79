import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ShipSpec } from '../../sandbox/fleet.ts';
import { samples } from '../../sandbox/samples.ts';
import { eventually, shipOf, startStack } from '../support/e2e.ts';
import type { Stack } from '../support/e2e.ts';
import { atNorthflank, atVercel } from '../support/intruder.ts';
import { commitEvil, setRef } from '../support/sabotage.ts';

const platforms = ['vercel', 'northflank'] as const;
type At = (typeof platforms)[number];
const good = {
  first: samples.good(1),
  next: samples.good(2),
  checks: 'success',
  hosts: 0,
} as const;
const ship = (at: At, what: string): ShipSpec => ({ ...good, at, name: `${at}-${what}` });
const ships = [
  ...platforms.flatMap((at) =>
    ['ahead', 'rewound', 'tagged', 'taken', 'during'].map((it) => ship(at, it)),
  ),
  ...['claims', 'keyed'].map((what) => ship('vercel', what)),
];

let stack: Stack;
const signed = new Map<string, string | undefined>();
beforeAll(async () => {
  // Slow enough that no gate is old, and no question over, before the last of them is answered.
  stack = await startStack({ ships, timeScale: 20 });
});
afterAll(() => stack?.close());

const shipCalled = (name: string) => shipOf(stack.fleet, name);
const short = (sha: string) => sha.slice(0, 7);
const atOf = (name: string) => name.split('-')[0] as At;
const untouchedServes = { vercel: ['old old'], northflank: ['old'] };
const approvedServes = { vercel: ['new new'], northflank: ['new'] };

/** The platform hears of it, as of every push, and has built it. */
async function built(name: string, sha: string) {
  const { repository, newSha } = shipCalled(name);
  const { vercel, northflank } = stack.fleet.sandbox;
  if (atOf(name) === 'vercel')
    vercel?.onPush({ repository, ref: 'refs/heads/main', from: newSha, to: sha });
  else northflank?.onPush(repository, 'main', sha);
  return await eventually(`${name} has built ${sha}`, () => buildOf(name, sha));
}

async function buildOf(name: string, sha: string) {
  const { vercel, northflank } = stack.fleet.sandbox;
  const site = (await vercel?.truth())?.find(({ project }) => project === name);
  const service = northflank?.truth().find((one) => one.service === name);
  const ready = site?.deployments.findLast((one) => one.sha === sha && one.state === 'READY');
  return (ready ?? service?.builds.find((one) => one.sha === sha && one.status === 'SUCCESS'))?.id;
}

const evilOn = async (name: string) => {
  const sha = await commitEvil(stack.fleet, shipCalled(name));
  return { sha, id: await built(name, sha) };
};
const headOf = (name: string) =>
  stack.fleet.sandbox.git.repositories.head(shipCalled(name).repository);

/** What was signed, what the platform's own processes serve, and what they say they are. */
async function servedNow(name: string) {
  const { sealed } = await stack.reached(name, 'watch');
  const { served } = await stack.truthOf(name);
  const { vercel, northflank } = stack.fleet.sandbox;
  const url = atOf(name) === 'vercel' ? vercel?.origins(name)[0] : northflank?.url(name);
  const version: unknown = await (await fetch(`${url}/version`)).json();
  return { digest: sealed?.digest, served, version };
}
const theApproved = (name: string) => ({
  digest: signed.get(name),
  served: approvedServes[atOf(name)],
  version: { sha: shipCalled(name).newSha, name: 'good 2' },
});

async function endOf(name: string) {
  const { outcome, touched, reasons } = await stack.report(name);
  return { outcome, touched, reasons };
}
const untouched = (reason: string) => ({ outcome: 'aborted', touched: false, reasons: [reason] });

test('all of them wait for the approval of one commit', async () => {
  const waits = async ({ name }: ShipSpec) => {
    const { newSha } = shipCalled(name);
    await setRef(stack.fleet, shipCalled(name), 'refs/tags/v2', newSha);
    await stack.deploy(name, name.endsWith('tagged') ? ['--ref', 'v2'] : []);
    const { sealed } = await stack.reached(name, 'approval');
    expect(sealed?.plan.sha).toBe(newSha);
    signed.set(name, sealed?.digest);
  };
  await Promise.all(ships.map(waits));
});

test('vercel: what another hand made live meanwhile is not promoted over', async () => {
  const name = 'vercel-taken';
  const before = await buildOf(name, shipCalled(name).oldSha);
  const { id } = await evilOn(name);
  await atVercel(stack.fleet, name).ship(id);
  await stack.approve(name);
  expect(await endOf(name)).toEqual(
    untouched(
      `vercel ${name}: somebody made ${id} live since this was planned (then it was ${before}).\n` +
        'Nothing was promoted. Deploy again: the new plan knows what to go back to.',
    ),
  );
});

test('northflank: what another hand deployed meanwhile is not deployed over', async () => {
  const name = 'northflank-taken';
  const before = await buildOf(name, shipCalled(name).oldSha);
  const { id } = await evilOn(name);
  await atNorthflank(stack.fleet, name).ship(id);
  await stack.approve(name);
  expect(await endOf(name)).toEqual(
    untouched(
      `Somebody deployed build ${id} to northflank ${name} since this was planned (then: ${before}).\n` +
        'Nothing was touched. See who and why at Northflank, then deploy again.',
    ),
  );
});

test.each(platforms)('%s: what a branch got since is built there, and never ships', async (at) => {
  const name = `${at}-ahead`;
  const { sha } = await evilOn(name);
  await stack.approve(name);
  expect(await servedNow(name)).toEqual(theApproved(name));
  expect(await headOf(name)).toBe(sha);
});

test.each(platforms)('%s: a branch that was rewritten is no place to ship from', async (at) => {
  const name = `${at}-rewound`;
  const { oldSha, newSha, repository } = shipCalled(name);
  await setRef(stack.fleet, shipCalled(name), 'refs/heads/main', oldSha);
  const { sha } = await evilOn(name);
  await stack.approve(name);
  expect(await endOf(name)).toEqual(
    untouched(
      `${short(newSha)} cannot go onto main of ${stack.fleet.sandbox.git.url(repository)}: that is at ` +
        `${short(sha)}, which it does not contain.\nNothing was touched, and no commit of others is ` +
        'overwritten. Rebase or merge, then deploy the new commit.',
    ),
  );
  expect((await stack.truthOf(name)).served).toEqual(untouchedServes[at]);
  expect(await headOf(name)).toBe(sha);
});

test.each(platforms)('%s: a tag that moves ships what it named when it was asked', async (at) => {
  const name = `${at}-tagged`;
  const elsewhere = await commitEvil(stack.fleet, shipCalled(name), 'elsewhere');
  await setRef(stack.fleet, shipCalled(name), 'refs/tags/v2', elsewhere);
  await built(name, elsewhere);
  await stack.approve(name);
  expect(await servedNow(name)).toEqual(theApproved(name));
});

test('vercel: a deployment that says it is the approved commit is not taken for it', async () => {
  const name = 'vercel-claims';
  const { newSha } = shipCalled(name);
  const { sha } = await evilOn(name);
  const id = await atVercel(stack.fleet, name).create(sha, { githubCommitSha: newSha });
  await eventually('it is built', async () => (await buildOf(name, sha)) === id);
  await stack.approve(name);
  expect(await servedNow(name)).toEqual(theApproved(name));
});

test('vercel: nor one that carries the key of the deploy', async () => {
  const name = 'vercel-keyed';
  const { newSha } = shipCalled(name);
  const { sha } = await evilOn(name);
  const { deployId: releaseId } = await stack.status(name);
  const id = await atVercel(stack.fleet, name).create(sha, { releaseId, githubCommitSha: newSha });
  await stack.approve(name);
  expect(await endOf(name)).toEqual(
    untouched(
      `vercel ${name}: the deployment ${id} was built from ${short(sha)}, not from ${short(newSha)}.\n` +
        'Nothing was promoted. Let Vercel build the commit from git, then deploy again.',
    ),
  );
  expect((await stack.truthOf(name)).served).toEqual(untouchedServes.vercel);
});

/** The order is taken, its answer is held, and somebody else gives another one. */
test.each(platforms)('%s: an order of another hand amid ours gives way to it', async (at) => {
  const name = `${at}-during`;
  const { id } = await evilOn(name);
  const intruder = at === 'vercel' ? atVercel(stack.fleet, name) : atNorthflank(stack.fleet, name);
  const order = at === 'vercel' ? `${name} POST ` : `POST ${atNorthflank(stack.fleet, name).path}`;
  await stack.fault(at, order, 'hold');
  await stack.approve(name);
  await eventually('the order is held', async () => (await stack.holding()) === 1);
  await eventually('another one is taken', () => intruder.ship(id));
  await stack.release();
  expect(await servedNow(name)).toEqual(theApproved(name));
});
