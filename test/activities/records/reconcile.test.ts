import { expect, test } from 'vitest';
import { createReconcile } from '../../../activities/records/reconcile.ts';
import type { ExecutionOf } from '../../../activities/records/reconcile.ts';
import type { Entry } from '../../../domain/contract/activities.ts';

const body = { runId: 'run-1', sha: 'b'.repeat(40), requestedBy: 'alice' };
const started: Entry = {
  seq: 1,
  at: '2026-01-01T00:00:00.000Z',
  kind: 'started',
  key: 'k',
  ...{ deployId: 'd-1', project: 'shop', environment: 'production', hash: '' },
  body,
};
const ledgerOf = (entries: Entry[]) => ({
  read: async () => entries,
  readUnchecked: async () => entries,
});
const ledger = ledgerOf([started]);
const closedAt = '2026-01-01T01:00:00.000Z';

async function lostAs(status: string | null, phase: string | null = 'watch') {
  const asked: string[] = [];
  const executionOf: ExecutionOf = async (workflowId, runId) => {
    asked.push(`${workflowId} ${runId}`);
    return status ? { status, closedAt, phase } : null;
  };
  const found = await createReconcile({ ledger, executionOf }).findLost({});
  expect(asked).toEqual(['deploy/shop/production run-1']);
  return found.map(
    ({ how, closedAt: at, rollingBack }) => `${how} ${at}${rollingBack ? ', rolling back' : ''}`,
  );
}

test.each([
  ['TERMINATED', 'was terminated'],
  ['FAILED', 'failed'],
  ['TIMED_OUT', 'ran out of time'],
])('a deploy that is %s without an end is lost', async (status, how) => {
  expect(await lostAs(status)).toEqual([`${how} ${closedAt}`]);
});

test('a deploy that ended in its rollback is known as that', async () => {
  expect(await lostAs('TERMINATED', 'rollback')).toEqual([
    `was terminated ${closedAt}, rolling back`,
  ]);
  expect(await lostAs('TERMINATED', null)).toEqual([`was terminated ${closedAt}`]);
});

test('a deploy whose history is gone is lost', async () => {
  expect(await lostAs(null)).toEqual(['has no history any more null']);
});

test.each(['RUNNING', 'PAUSED', 'COMPLETED', 'CANCELLED', 'CONTINUED_AS_NEW', 'SOMETHING_NEW'])(
  'a deploy that is %s is left alone: it ends by itself',
  async (status) => {
    expect(await lostAs(status)).toEqual([]);
  },
);

test('a worker that cannot ask its server says so', async () => {
  const { findLost } = createReconcile({ ledger, executionOf: undefined });
  await expect(findLost({})).rejects.toMatchObject({
    type: 'Misconfigured',
    message:
      'This worker cannot ask its Temporal server, so it cannot find lost deploys.\n' +
      'Start the worker with: plimsoll worker',
  });
});

test('a workflow that cannot be read does not hide another lost deploy', async () => {
  const other = { ...started, key: 'k2', deployId: 'd-2', environment: 'staging' };
  const both = ledgerOf([started, { ...other, body: { ...body, runId: 'run-2' } }]);
  const executionOf: ExecutionOf = async (_, runId) => {
    if (runId === 'run-1') throw new Error('its history cannot be read');
    return { status: 'TERMINATED', closedAt, phase: 'watch' };
  };
  const found = await createReconcile({ ledger: both, executionOf }).findLost({});
  expect(found.map(({ environment }) => environment)).toEqual(['staging']);
});

test('a wrong row in the ledger does not keep a lost deploy live', async () => {
  const read = () => Promise.reject(new Error('the ledger was changed'));
  const executionOf: ExecutionOf = async () => ({ status: 'TERMINATED', closedAt, phase: 'watch' });
  const found = await createReconcile({ ledger: { ...ledger, read }, executionOf }).findLost({});
  expect(found).toHaveLength(1);
});

test('a server that does not answer is no sign of a loss', async () => {
  const executionOf = async () => Promise.reject(new Error('unavailable'));
  await expect(createReconcile({ ledger, executionOf }).findLost({})).rejects.toThrow(
    'unavailable',
  );
});
