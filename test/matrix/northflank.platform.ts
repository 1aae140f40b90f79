import { createNorthflankActivities } from '../../activities/platforms/northflank/activities.ts';
import { createConnect } from '../../activities/platforms/northflank/connect.ts';
import { createNorthflankDriver } from '../../activities/platforms/northflank/driver.ts';
import type { Target } from '../../domain/deploy/plan.ts';
import type { NorthflankTarget } from '../../domain/platforms/northflank/target.ts';
import { samples } from '../../sandbox/samples/samples.ts';
import type { Cell } from './cells.ts';
import { northflank as matrix } from './northflank.cells.ts';
import { definePlatform, repositoryOf } from './stack.ts';
import type { Place } from './stack.ts';

type Here = Place<NorthflankTarget>;

const stepOf = ({ deploy, target, release, timing }: Here, live: string | null) => ({
  deploy,
  target,
  release,
  timing,
  live,
});

const seed = async ({ sandbox, id }: Here, sha: string) =>
  (await sandbox.northflank?.seed(id, sha)) ?? '';

/** Calls readBuilds and adoptBuild. Returns the input for the activities that deploy the build. */
async function build(place: Here) {
  const on = stepOf(place, await seed(place, place.old));
  const { known } = await place.act('readBuilds', on);
  const asked = { ...on, known, again: false, pushed: false, branch: 'main' };
  const { buildId } = await place.act('adoptBuild', asked);
  return { ...on, buildId };
}

async function deployBuild(place: Here) {
  const on = await build(place);
  await place.act('awaitBuild', on);
  const { containers: others } = await place.act('checkUnmoved', on);
  await place.act('deployBuild', on);
  await place.act('verifyDeployment', { ...on, others });
}

/** Makes the next release live without Plimsoll, then rolls back to the old release. */
async function rollBack(place: Here) {
  const platformId = await seed(place, place.old);
  const on = stepOf(place, await seed(place, place.next));
  await place.act('rollBackDeployment', { ...on, release: { ...place.before, platformId } });
}

export const northflank = definePlatform<NorthflankTarget>({
  matrix,
  sandbox: (cells) => ({
    northflank: {
      services: cells.map((cell) => ({
        id: cell.id,
        project: 'openclaw',
        repository: repositoryOf(cell),
        disabledCD: true,
        disabledCI: true,
        stepMs: 20,
        deadlineMs: 4000,
      })),
      callsPerHour: 1_000_000,
    },
  }),
  seed: async ({ northflank: at }, { id }, sha) => await at?.seed(id, sha),
  target: ({ northflank: at, git }, cell) => ({
    platform: 'northflank',
    project: 'openclaw',
    service: cell.id,
    api: at?.address ?? '',
    url: at?.url(cell.id) ?? '',
    // Each cell has its own token variable. So the rate limit that one cell reads does not affect
    // the other cells.
    token: `env:${cell.id.toUpperCase().replaceAll('-', '_')}`,
    repository: git.url(repositoryOf(cell)),
    port: 18789,
    health: '/healthz',
    version: '/version',
    requiredVariables: [],
  }),
  activities({ tokens }) {
    const connect = createConnect({ secret: () => tokens.northflank ?? '', timeScale: 20 });
    const driver = createNorthflankDriver(connect);
    const inspectHosts = ({ target }: { target: Target }) =>
      driver.inspect(target as NorthflankTarget);
    return { ...createNorthflankActivities(connect), inspectHosts };
  },
  procedures: {
    'push to main': ({ act, deploy, target }) =>
      act('publishCommit', { deploy, target, branch: 'main' }),
    'start a build': build,
    'deploy a build': deployBuild,
    'roll back to the previous build': rollBack,
  },
  bad: samples.crashesAtStart(),
  serves: ({ northflank: at }, { id }: Cell) =>
    at?.truth().find(({ service }) => service === id)?.serves ?? null,
});
