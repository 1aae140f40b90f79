import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ProjectSpec } from '../../sandbox/fleet/fleet.ts';
import { samples } from '../../sandbox/samples/samples.ts';
import { eventually, projectIn, startStack } from '../support/e2e.ts';
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
const fleetProject = (at: At, what: string): ProjectSpec => ({
  ...good,
  at,
  name: `${at}-${what}`,
});
const fleetProjects = [
  ...platforms.flatMap((at) =>
    ['ahead', 'rewound', 'tagged', 'taken', 'during'].map((it) => fleetProject(at, it)),
  ),
  ...['claims', 'keyed'].map((what) => fleetProject('vercel', what)),
];

let stack: Stack;
const signed = new Map<string, string | undefined>();
beforeAll(async () => {
  // Time runs slowly, so that no gate result and no question expires before the last answer.
  stack = await startStack({ fleetProjects, timeScale: 20 });
});
afterAll(() => stack?.close());

const projectCalled = (name: string) => projectIn(stack.fleet, name);
const short = (sha: string) => sha.slice(0, 7);
const atOf = (name: string) => name.split('-')[0] as At;
const untouchedServes = { vercel: ['old old'], northflank: ['old'] };
const approvedServes = { vercel: ['new new'], northflank: ['new'] };

/** Tells the platform about a push. Waits until the platform has built the commit. */
async function built(name: string, sha: string) {
  const { repository, newSha } = projectCalled(name);
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
  const sha = await commitEvil(stack.fleet, projectCalled(name));
  return { sha, id: await built(name, sha) };
};
const headOf = (name: string) =>
  stack.fleet.sandbox.git.repositories.head(projectCalled(name).repository);

/** The signed digest, the commits that the platform serves, and the answer of /version. */
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
  version: { sha: projectCalled(name).newSha, name: 'good 2' },
});

async function endOf(name: string) {
  const { outcome, touched, reasons } = await stack.report(name);
  return { outcome, touched, reasons };
}
const untouched = (reason: string) => ({ outcome: 'aborted', touched: false, reasons: [reason] });

test('all of them wait for the approval of one commit', async () => {
  const waits = async ({ name }: ProjectSpec) => {
    const { newSha } = projectCalled(name);
    await setRef(stack.fleet, projectCalled(name), 'refs/tags/v2', newSha);
    await stack.deploy(name, name.endsWith('tagged') ? ['--ref', 'v2'] : []);
    const { sealed } = await stack.reached(name, 'approval');
    expect(sealed?.plan.sha).toBe(newSha);
    signed.set(name, sealed?.digest);
  };
  await Promise.all(fleetProjects.map(waits));
});

test('vercel: a deployment that somebody else made live meanwhile is not replaced', async () => {
  const name = 'vercel-taken';
  const before = await buildOf(name, projectCalled(name).oldSha);
  const { id } = await evilOn(name);
  await atVercel(stack.fleet, name).deployRelease(id);
  await stack.approve(name);
  expect(await endOf(name)).toEqual(
    untouched(
      `vercel ${name}: somebody made ${id} live since this deploy was planned (before: ${before}).\n` +
        'Nothing was promoted. Deploy again: the new plan can roll back to the deployment that is live now.',
    ),
  );
});

test('northflank: a build that somebody else deployed meanwhile is not replaced', async () => {
  const name = 'northflank-taken';
  const before = await buildOf(name, projectCalled(name).oldSha);
  const { id } = await evilOn(name);
  await atNorthflank(stack.fleet, name).deployRelease(id);
  await stack.approve(name);
  expect(await endOf(name)).toEqual(
    untouched(
      `Somebody deployed build ${id} to northflank ${name} since this deploy was planned (before: ${before}).\n` +
        'Nothing was touched. Find out at Northflank who did this and why, then deploy again.',
    ),
  );
});

test.each(platforms)(
  '%s: a later commit on the branch is built there, and never deployed',
  async (at) => {
    const name = `${at}-ahead`;
    const { sha } = await evilOn(name);
    await stack.approve(name);
    expect(await servedNow(name)).toEqual(theApproved(name));
    expect(await headOf(name)).toBe(sha);
  },
);

test.each(platforms)('%s: a branch that was rewritten is not deployed from', async (at) => {
  const name = `${at}-rewound`;
  const { oldSha, newSha, repository } = projectCalled(name);
  await setRef(stack.fleet, projectCalled(name), 'refs/heads/main', oldSha);
  const { sha } = await evilOn(name);
  await stack.approve(name);
  expect(await endOf(name)).toEqual(
    untouched(
      `${short(newSha)} cannot be pushed to main of ${stack.fleet.sandbox.git.url(repository)}, because it does ` +
        `not contain ${short(sha)}, the newest commit of the branch.\nNothing was touched, and no commit of ` +
        'other people was overwritten. Rebase or merge, then deploy the new commit.',
    ),
  );
  expect((await stack.truthOf(name)).served).toEqual(untouchedServes[at]);
  expect(await headOf(name)).toBe(sha);
});

test.each(platforms)(
  '%s: a tag that moves deploys the commit that it named at the request',
  async (at) => {
    const name = `${at}-tagged`;
    const elsewhere = await commitEvil(stack.fleet, projectCalled(name), 'elsewhere');
    await setRef(stack.fleet, projectCalled(name), 'refs/tags/v2', elsewhere);
    await built(name, elsewhere);
    await stack.approve(name);
    expect(await servedNow(name)).toEqual(theApproved(name));
  },
);

test('vercel: a deployment that says it is the approved commit is not taken for it', async () => {
  const name = 'vercel-claims';
  const { newSha } = projectCalled(name);
  const { sha } = await evilOn(name);
  const id = await atVercel(stack.fleet, name).create(sha, { githubCommitSha: newSha });
  await eventually('the build is ready', async () => (await buildOf(name, sha)) === id);
  await stack.approve(name);
  expect(await servedNow(name)).toEqual(theApproved(name));
});

test('vercel: nor one that carries the key of the deploy', async () => {
  const name = 'vercel-keyed';
  const { newSha } = projectCalled(name);
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

/**
 * The platform carries out Plimsoll's order, but the answer is held. Meanwhile somebody else gives
 * another order.
 */
test.each(platforms)('%s: an order of another hand amid ours gives way to it', async (at) => {
  const name = `${at}-during`;
  const { id } = await evilOn(name);
  const intruder = at === 'vercel' ? atVercel(stack.fleet, name) : atNorthflank(stack.fleet, name);
  const order = at === 'vercel' ? `${name} POST ` : `POST ${atNorthflank(stack.fleet, name).path}`;
  await stack.fault(at, order, 'hold');
  await stack.approve(name);
  await eventually('the answer is held', async () => (await stack.holding()) === 1);
  await eventually('the platform takes the other order', () => intruder.deployRelease(id));
  await stack.release();
  expect(await servedNow(name)).toEqual(theApproved(name));
});
