import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Config } from '../../../domain/schema.ts';
import { vercel } from '../../../worker/doctor/vercel.ts';
import { vercelPlace } from '../../activities/vercel-place.ts';
import type { VercelPlace } from '../../activities/vercel-place.ts';
import { bypass, project, token } from '../../sandbox/vercel-fixture.ts';

let at: VercelPlace;
beforeAll(async () => {
  at = await vercelPlace();
});
afterAll(() => at.close());

const env = { VERCEL_TOKEN: token, VERCEL_BYPASS: bypass };
const look = (more: object = {}, given: NodeJS.ProcessEnv = env) => {
  const { requiredVariables, ...target } = at.target;
  const production = { ...target, team: 'acme', requiredVariables, ...more };
  const barber = { github: 'acme/barber-crm', branch: 'main', environments: { production } };
  const staging = { github: null, environments: { staging: { platform: 'vps' } } };
  return Promise.all(vercel({ projects: { barber, staging } } as unknown as Config, given));
};
const name = 'vercel barber-crm';

test('a project that waits for promotes is in order', async () => {
  expect(await look()).toEqual([
    {
      check: name,
      state: 'ok',
      text: 'reached with VERCEL_TOKEN; nothing goes live by itself, and it may promote',
    },
  ]);
  expect(at.effects()).toEqual([]);
});

test('one whose variable is not set is not asked', async () => {
  const { VERCEL_BYPASS: _, ...without } = env;
  expect(await look({}, without)).toEqual([
    { check: name, state: 'unchecked', text: 'needs VERCEL_BYPASS' },
  ]);
});

test('everything that would close the gate is told at once, with its remedy', async () => {
  at.vercel.setAutoAssign(project, true);
  at.vercel.setMayWrite(false);
  const [found] = await look();
  at.vercel.setAutoAssign(project, false);
  at.vercel.setMayWrite(true);
  expect(found?.state).toBe('problem');
  expect(found?.text.split('\n').map((line) => line.slice(0, 60))).toEqual([
    'vercel barber-crm assigns its production domains by itself: ',
    'vercel barber-crm: the token in VERCEL_TOKEN may look at the',
  ]);
});

test('a wrong token, team or project', async () => {
  const text = async (more: object, given = env) => (await look(more, given))[0]?.text ?? '';
  expect(await text({}, { ...env, VERCEL_TOKEN: 'vcp_wrong' })).toBe(
    'Vercel does not know the token in VERCEL_TOKEN (403), so it did not do this: the project barber-crm.\n' +
      "Make a new one in Vercel's account settings, set VERCEL_TOKEN where the worker is started and start it again.",
  );
  expect(await text({ team: 'other' })).toContain('correct "team" in plimsoll.yaml.');
  expect(await text({ project: 'barbershop' })).toContain('Check "project" (barbershop)');
});
