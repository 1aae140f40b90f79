import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { createGit } from '../../activities/git.ts';
import { createCloudflareActivities } from '../../activities/platforms/cloudflare.ts';
import { createCloudflareDriver } from '../../activities/platforms/cloudflare/driver.ts';
import type { CloudflareTarget, Target } from '../../domain/plan.ts';
import { workers } from '../../sandbox/samples/workers.ts';
import { onlyErrors } from '../support/lost-tasks.ts';
import { bundle } from '../support/saga.ts';
import { realServer } from '../support/sea.ts';
import { cellName, effectsOf, endingOf } from './cells.ts';
import { bySteps, cloudflare } from './cloudflare.cells.ts';
import { cellsOf, repositoryOf, sailMatrix } from './sea.ts';
import type { Cell, Harbor, Seen } from './sea.ts';

const directory = 'workers/cell';

const harbor: Harbor = {
  sandbox: (cells) => ({
    cloudflare: {
      origins: cells.map((cell) => ({
        ...{ name: cell.id, repository: repositoryOf(cell), directory },
      })),
    },
  }),
  seed: async ({ cloudflare: at }, { id }, sha) => void (await at?.seed(id, sha)),
  target: ({ cloudflare: at, git }, { id, row }): CloudflareTarget => ({
    platform: 'cloudflare',
    ...{ account: at?.account ?? '', worker: id, directory, env: null },
    rollout: row === bySteps ? 'gradual' : 'all-at-once',
    token: 'env:CLOUDFLARE_API_TOKEN',
    ...{ api: at?.api ?? '', url: at?.url(id) ?? '', preview: at?.previews(id) ?? null },
    repository: git.url(repositoryOf({ id, row })),
    ...{ health: '/health', version: '/version', requiredVariables: [] },
  }),
  activities({ tokens }, workspace) {
    const secret = () => tokens.cloudflare ?? '';
    const git = createGit({ workspace: join(workspace, 'git'), token: () => tokens.github });
    const driver = createCloudflareDriver({ secret, git, timeScale: 60 });
    const inspectHosts = ({ target }: { target: Target }) =>
      driver.inspect(target as CloudflareTarget);
    return { ...createCloudflareActivities({ secret, git, workspace }), inspectHosts };
  },
  // wrangler is a second of work for a processor, and most cells run it twice or four times.
  berths: 8,
  good: (n) => workers.good('cell', n),
  smoke: { auth: '/login', payments: '/tasks', core: '/' },
  bad: workers.throwsOnLogin('cell'),
  serves: async ({ cloudflare: at }, { id }) => {
    const [worker] = (await at?.served(id)) ?? [];
    const [only, ...more] = worker?.live ?? [];
    return more.length === 0 ? (only?.running ?? null) : null;
  },
};

const aCause: unknown = expect.stringMatching(/\S/);

let env: TestWorkflowEnvironment;
let seen: Map<string, Seen>;
beforeAll(async () => {
  onlyErrors();
  const code = await bundle();
  env = await realServer(inject('temporalBinary'));
  seen = await sailMatrix(env, code, { matrix: cloudflare, harbor });
}, 900_000);
afterAll(() => env?.teardown());

const cells: [string, Cell][] = cellsOf(cloudflare).map((cell) => [
  cellName(cell.row, cell.column),
  cell,
]);

test.each(cells)('%s', (_, { id, row, column }) => {
  expect(seen.get(id)).toEqual({
    ending: endingOf(row, column),
    cause: column.every ? aCause : null,
    serves: row.bad ? 'old' : 'next',
    effects: effectsOf(cloudflare, row, column),
  });
});
