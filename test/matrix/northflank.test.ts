import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { createNorthflankActivities } from '../../activities/platforms/northflank.ts';
import { createConnect } from '../../activities/platforms/northflank/connect.ts';
import { createNorthflankDriver } from '../../activities/platforms/northflank/driver.ts';
import type { NorthflankTarget, Target } from '../../domain/plan.ts';
import { samples } from '../../sandbox/samples.ts';
import { onlyErrors } from '../support/lost-tasks.ts';
import { bundle } from '../support/saga.ts';
import { realServer } from '../support/sea.ts';
import { cellName, effectsOf, endingOf } from './cells.ts';
import { northflank } from './northflank.cells.ts';
import { cellsOf, repositoryOf, sailMatrix } from './sea.ts';
import type { Cell, Harbor, Seen } from './sea.ts';

const aCause: unknown = expect.stringMatching(/\S/);

const harbor: Harbor = {
  sandbox: (cells) => ({
    northflank: {
      services: cells.map((cell) => ({
        ...{ id: cell.id, project: 'openclaw', repository: repositoryOf(cell) },
        ...{ disabledCD: true, disabledCI: true, stepMs: 20, deadlineMs: 4000 },
      })),
      callsPerHour: 1_000_000,
    },
  }),
  seed: async ({ northflank: at }, { id }, sha) => void (await at?.seed(id, sha)),
  target: ({ northflank: at, git }, cell): NorthflankTarget => ({
    platform: 'northflank',
    ...{ project: 'openclaw', service: cell.id },
    ...{ api: at?.address ?? '', url: at?.url(cell.id) ?? '' },
    // A variable of its own: what one cell hears of the calls that are left is not for the others.
    token: `env:${cell.id.toUpperCase().replaceAll('-', '_')}`,
    repository: git.url(repositoryOf(cell)),
    ...{ port: 18789, health: '/healthz', version: '/version', requiredVariables: [] },
  }),
  activities({ tokens }) {
    const connect = createConnect({ secret: () => tokens.northflank ?? '', timeScale: 20 });
    const driver = createNorthflankDriver(connect);
    const inspectHosts = ({ target }: { target: Target }) =>
      driver.inspect(target as NorthflankTarget);
    return { ...createNorthflankActivities(connect), inspectHosts };
  },
  bad: samples.crashesAtStart(),
  serves: ({ northflank: at }, { id }) =>
    at?.truth().find(({ service }) => service === id)?.serves ?? null,
};

let env: TestWorkflowEnvironment;
let seen: Map<string, Seen>;
beforeAll(async () => {
  onlyErrors();
  const code = await bundle();
  env = await realServer(inject('temporalBinary'));
  seen = await sailMatrix(env, code, { matrix: northflank, harbor });
}, 240_000);
afterAll(() => env?.teardown());

const cells: [string, Cell][] = cellsOf(northflank).map((cell) => [
  cellName(cell.row, cell.column),
  cell,
]);

test.each(cells)('%s', (_, { id, row, column }) => {
  expect(seen.get(id)).toEqual({
    ending: endingOf(row, column),
    cause: column.every ? aCause : null,
    serves: row.bad ? 'old' : 'next',
    effects: effectsOf(northflank, row, column),
  });
});
