import { join } from 'node:path';
import { createGit } from '../../activities/git/git.ts';
import { createCloudflareActivities } from '../../activities/platforms/cloudflare/activities.ts';
import { createCloudflareDriver } from '../../activities/platforms/cloudflare/driver.ts';
import type { Target } from '../../domain/deploy/plan.ts';
import type { CloudflareTarget } from '../../domain/platforms/cloudflare/target.ts';
import { workers } from '../../sandbox/samples/workers.ts';
import type { Cell } from './cells.ts';
import { bySteps, cloudflare as matrix } from './cloudflare.cells.ts';
import { definePlatform, repositoryOf } from './stack.ts';
import type { Place } from './stack.ts';
import { plainBuilder as builder } from '../support/builder.ts';

const directory = 'workers/cell';

type Here = Place<CloudflareTarget>;

const seed = async ({ sandbox, id }: Here, sha: string) =>
  (await sandbox.cloudflare?.seed(id, sha)) ?? '';

async function deployWorker(place: Here, { row }: Cell) {
  const { act, deploy, target, release } = place;
  const expected = row.fresh ? null : await seed(place, place.old);
  await act('deployWorker', { deploy, target, release, expected });
}

/**
 * Uploads the release and moves a tenth of the traffic to it. A deploy uses the same activity to
 * move the rest of the traffic.
 */
async function share(place: Here) {
  const { act, deploy, target, release } = place;
  const other = await seed(place, place.old);
  const { id } = await act('uploadVersion', { deploy, target, release });
  await act('shareTraffic', { deploy, target, release, id, other, percentage: 10 });
}

/** Makes the next release live without Plimsoll, then rolls back to the old release. */
async function rollBack(place: Here) {
  const { act, deploy, target, before, timing } = place;
  const platformId = await seed(place, place.old);
  await seed(place, place.next);
  await act('rollBackWorker', { deploy, target, timing, release: { ...before, platformId } });
}

export const cloudflare = definePlatform<CloudflareTarget>({
  matrix,
  sandbox: (cells) => ({
    cloudflare: {
      origins: cells.map((cell) => ({
        name: cell.id,
        repository: repositoryOf(cell),
        directory,
      })),
    },
  }),
  seed: async ({ cloudflare: at }, { id }, sha) => await at?.seed(id, sha),
  target: ({ cloudflare: at, git }, cell) => ({
    platform: 'cloudflare',
    account: at?.account ?? '',
    worker: cell.id,
    directory,
    env: null,
    rollout: cell.row.name === bySteps.name ? 'gradual' : 'all-at-once',
    token: 'env:CLOUDFLARE_API_TOKEN',
    api: at?.api ?? '',
    url: at?.url(cell.id) ?? '',
    preview: at?.previews(cell.id) ?? null,
    repository: git.url(repositoryOf(cell)),
    health: '/health',
    version: '/version',
    requiredVariables: [],
  }),
  activities({ tokens }, workspace) {
    const secret = () => tokens.cloudflare ?? '';
    const git = createGit({ workspace: join(workspace, 'git'), token: () => tokens.github });
    const driver = createCloudflareDriver({ secret, git, builder, timeScale: 60 });
    const inspectHosts = ({ target }: { target: Target }) =>
      driver.inspect(target as CloudflareTarget);
    return { ...createCloudflareActivities({ secret, git, workspace, builder }), inspectHosts };
  },
  procedures: Object.fromEntries(
    matrix.rows.map(({ name, bad }) => [
      name,
      bad ? rollBack : name === bySteps.name ? share : deployWorker,
    ]),
  ),
  // Each run of wrangler costs a second of processor time. Most cells run wrangler two to four
  // times.
  parallel: 8,
  good: (n) => workers.good('cell', n),
  smoke: { auth: '/login', payments: '/tasks', core: '/' },
  bad: workers.throwsOnLogin('cell'),
  serves: async ({ cloudflare: at }, { id }) => {
    const [worker] = (await at?.served(id)) ?? [];
    const [only, ...more] = worker?.live ?? [];
    return more.length === 0 ? (only?.running ?? null) : null;
  },
});
