import { afterAll, beforeAll, expect, test } from 'vitest';
import { samples } from '../../sandbox/samples/samples.ts';
import { environment, startStack } from '../support/e2e.ts';
import type { Stack } from '../support/e2e.ts';
import { released, untouched } from '../support/witness.ts';

const migration = { 'db/migrations/2.sql': '-- plimsoll: backward-compatible\nselect 1;\n' };
const sold = { hosts: 1, checks: 'success', first: samples.good(1) } as const;

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({
    fleetProjects: [
      {
        ...{ ...sold, name: 'shop', next: { ...samples.good(2), ...migration } },
        project: { roles: { migrations: 'dba' } },
      },
      {
        ...{ ...sold, name: 'till', next: { ...samples.good(2), 'prices/a.txt': '1\n' } },
        project: { rules: [{ name: 'prices', paths: ['prices/*'], approvers: 1, role: 'buyer' }] },
      },
    ],
    edit: (config) => {
      config.approvers.robin.roles = ['dba', 'buyer'];
    },
  });
});
afterAll(() => stack?.close());

const approve = (project: string, who: 'morgan' | 'robin') =>
  stack.cli(['approve', project, environment, ...stack.as(who), '--yes']);

test('a rule with a role accepts only approvals of that role', async () => {
  await stack.deploy('till');
  const { sealed } = await stack.reached('till', 'approval');
  expect(sealed?.plan.rule).toEqual({
    required: 1,
    reasons: [
      'production always needs a human',
      'a human who is buyer: the rule "prices" applies (prices/a.txt)',
    ],
    eligible: ['robin'],
    notAlone: [],
    solo: 'off',
    roles: [{ name: 'buyer', people: ['robin'] }],
  });
  const morgan = await approve('till', 'morgan');
  expect(morgan.code).toBe(4);
  expect(`${morgan.stdout}${morgan.stderr}`).toContain(
    'morgan was not an approver with the required role (buyer) when this deploy was planned; ask robin',
  );
  expect(await stack.effectsOf('till')).toEqual(untouched);
  expect(await approve('till', 'robin')).toMatchObject({ code: 0 });
  const { rulings } = await stack.reached('till', 'watch');
  expect(rulings.map(({ why }) => why)).toEqual([
    expect.stringMatching(/^morgan was not an approver with the required role /),
    'robin says yes as buyer (ssh-ed25519)',
  ]);
  expect(await stack.effectsOf('till')).toEqual(released('till-1'));
});

test('of two for a migration one has the role, and every screen says who', async () => {
  await stack.deploy('shop');
  await stack.reached('shop', 'approval');
  expect(await approve('shop', 'morgan')).toMatchObject({ code: 0 });
  const { waitingFor } = await stack.status('shop');
  expect(waitingFor).toMatch(/^1 approval by robin, until /);
  const { stdout } = await stack.cli(['status', 'shop', environment]);
  expect(stdout).toContain('1 of 2, by morgan, robin, one of them dba (robin), before ');
  const asked = await stack.slackMessages();
  expect(asked.map(({ text }) => text).join()).toContain(
    'Approvals: 2 of morgan, robin, one of them dba (robin); without an answer by ',
  );
  expect(await stack.effectsOf('shop')).toEqual(untouched);
  expect(await approve('shop', 'robin')).toMatchObject({ code: 0 });
  await stack.reached('shop', 'watch');
  expect(await stack.effectsOf('shop')).toEqual(released('shop-1'));
});
