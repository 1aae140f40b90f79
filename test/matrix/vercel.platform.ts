import { createVercelActivities } from '../../activities/platforms/vercel/activities.ts';
import { createVercelDriver } from '../../activities/platforms/vercel/driver.ts';
import type { Target } from '../../domain/deploy/plan.ts';
import type { VercelTarget } from '../../domain/platforms/vercel/target.ts';
import { samples } from '../../sandbox/samples/samples.ts';
import { definePlatform, repositoryOf } from './stack.ts';
import type { Place } from './stack.ts';
import { vercel as matrix } from './vercel.cells.ts';

const bypass = 'let-plimsoll-in';
/** Short waiting times, so that the tests end soon. */
const pace = { pollMs: 200, moveMs: 200, graceMs: 1, mostMoveMs: 10_000 };

type Here = Place<VercelTarget>;

const seed = async ({ sandbox, id }: Here, sha: string) =>
  (await sandbox.vercel?.seed(id, sha)) ?? '';

const pick = ({ act, deploy, target }: Here) =>
  act('pickDeployment', {
    deploy,
    target,
    again: false,
    pushed: false,
    plannedAt: new Date(0).toISOString(),
  });

async function promote(place: Here) {
  const { act, deploy, target, timing } = place;
  await seed(place, place.old);
  const build = { deploy, target, ...(await pick(place)) };
  await act('awaitDeployment', build);
  await act('promoteDeployment', build);
  await act('proveProduction', { ...build, timing });
}

async function turnOff({ act, deploy, target, sandbox, id }: Here) {
  sandbox.vercel?.setAutoAssign(id, true);
  await act('turnAutoAssignOff', { deploy, target });
}

/** Makes the next release live without Plimsoll, then rolls back to the old release. */
async function rollBack(place: Here) {
  const { act, deploy, target, before, timing } = place;
  const platformId = await seed(place, place.old);
  await seed(place, place.next);
  await act('rollBackProduction', { deploy, target, timing, release: { ...before, platformId } });
}

export const vercel = definePlatform<VercelTarget>({
  matrix,
  sandbox: (cells) => ({
    vercel: {
      projects: cells.map((cell) => ({
        name: cell.id,
        repository: repositoryOf(cell),
        autoAssign: false,
      })),
      bypass,
      startMs: 60_000,
    },
  }),
  seed: async ({ vercel: at }, { id }, sha) => await at?.seed(id, sha),
  target: ({ vercel: at, git }, cell) => ({
    platform: 'vercel',
    project: cell.id,
    team: at?.team.slug ?? null,
    branch: 'main',
    token: 'env:VERCEL_TOKEN',
    bypass: 'env:VERCEL_BYPASS',
    api: at?.address ?? '',
    url: at?.origins(cell.id)[0] ?? '',
    repository: git.url(repositoryOf(cell)),
    health: '/healthz',
    version: '/version',
    requiredVariables: [],
  }),
  activities({ tokens }) {
    const secret = (ref: string) => (ref === 'env:VERCEL_TOKEN' ? (tokens.vercel ?? '') : bypass);
    const driver = createVercelDriver({ secret });
    const inspectHosts = ({ target }: { target: Target }) => driver.inspect(target as VercelTarget);
    return { ...createVercelActivities({ secret, ...pace }), inspectHosts };
  },
  procedures: {
    'push to main': ({ act, deploy, target }) =>
      act('publishCommit', { deploy, target, branch: 'main' }),
    'start a build': pick,
    promote,
    'turn the assignment of domains off': turnOff,
    'roll back': rollBack,
  },
  // The release passes the first round of probes. After that its critical paths fail.
  bad: samples.failsLater(1),
  serves: async ({ vercel: at }, { id }) =>
    (await at?.truth())?.find(({ project }) => project === id)?.served[0]?.running ?? null,
});
