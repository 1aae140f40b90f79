import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { createVercelActivities } from '../../activities/platforms/vercel.ts';
import { createVercelDriver } from '../../activities/platforms/vercel/driver.ts';
import type { Target, VercelTarget } from '../../domain/plan.ts';
import { samples } from '../../sandbox/samples.ts';
import { onlyErrors } from '../support/lost-tasks.ts';
import { bundle } from '../support/saga.ts';
import { realServer } from '../support/sea.ts';
import { cellName, effectsOf, endingOf } from './cells.ts';
import { cellsOf, repositoryOf, sailMatrix } from './sea.ts';
import type { Cell, Harbor, Seen } from './sea.ts';
import { vercel } from './vercel.cells.ts';

const bypass = 'let-plimsoll-in';
/** What would be waited for long ends soon. */
const pace = { pollMs: 200, moveMs: 200, graceMs: 1, mostMoveMs: 10_000 };

const harbor: Harbor = {
  sandbox: (cells) => ({
    vercel: {
      projects: cells.map((cell) => ({
        ...{ name: cell.id, repository: repositoryOf(cell), autoAssign: false },
      })),
      bypass,
      startMs: 60_000,
    },
  }),
  seed: async ({ vercel: at }, { id }, sha) => void (await at?.seed(id, sha)),
  target: ({ vercel: at, git }, cell): VercelTarget => ({
    platform: 'vercel',
    ...{ project: cell.id, team: at?.team.slug ?? null, branch: 'main' },
    ...{ token: 'env:VERCEL_TOKEN', bypass: 'env:VERCEL_BYPASS' },
    ...{ api: at?.address ?? '', url: at?.origins(cell.id)[0] ?? '' },
    repository: git.url(repositoryOf(cell)),
    ...{ health: '/healthz', version: '/version', requiredVariables: [] },
  }),
  activities({ tokens }) {
    const secret = (ref: string) => (ref === 'env:VERCEL_TOKEN' ? (tokens.vercel ?? '') : bypass);
    const driver = createVercelDriver({ secret });
    const inspectHosts = ({ target }: { target: Target }) => driver.inspect(target as VercelTarget);
    return { ...createVercelActivities({ secret, ...pace }), inspectHosts };
  },
  // Healthy until it was tried, and bad for the people who come then.
  bad: samples.failsLater(1),
  serves: async ({ vercel: at }, { id }) =>
    (await at?.truth())?.find(({ project }) => project === id)?.served[0]?.running ?? null,
};

const aCause: unknown = expect.stringMatching(/\S/);

let env: TestWorkflowEnvironment;
let seen: Map<string, Seen>;
beforeAll(async () => {
  onlyErrors();
  const code = await bundle();
  env = await realServer(inject('temporalBinary'));
  seen = await sailMatrix(env, code, { matrix: vercel, harbor });
}, 240_000);
afterAll(() => env?.teardown());

const cells: [string, Cell][] = cellsOf(vercel).map((cell) => [
  cellName(cell.row, cell.column),
  cell,
]);

test.each(cells)('%s', (_, { id, row, column }) => {
  expect(seen.get(id)).toEqual({
    ending: endingOf(row, column),
    cause: column.every ? aCause : null,
    serves: row.bad ? 'old' : 'next',
    effects: effectsOf(vercel, row, column),
  });
});
