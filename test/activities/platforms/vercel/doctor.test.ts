import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Config } from '../../../../domain/config/config.ts';
import { doctor } from '../../../../activities/platforms/vercel/doctor.ts';
import { placesOn } from '../../../../activities/platforms/places.ts';
import { isSet } from '../../../../worker/doctor/secrets.ts';
import { secret } from '../../../../worker/config/secrets.ts';
import { vercelPlace } from './place.ts';
import type { VercelPlace } from './place.ts';
import { bypass, project, token } from '../../../sandbox/platforms/vercel/vercel-fixture.ts';

let at: VercelPlace;
beforeAll(async () => {
  at = await vercelPlace();
});
afterAll(() => at.close());

const env = { VERCEL_TOKEN: token, VERCEL_BYPASS: bypass };
const deps = (env: NodeJS.ProcessEnv) => ({
  secret: (ref: string) => secret(ref, env),
  isSet: (ref: string) => isSet(ref, env),
});
const look = (more: object = {}, given: NodeJS.ProcessEnv = env) => {
  const { requiredVariables, ...target } = at.target;
  const production = { ...target, team: 'acme', requiredVariables, ...more };
  const barber = { github: 'acme/barber-crm', branch: 'main', environments: { production } };
  const staging = { github: null, environments: { staging: { platform: 'vps' } } };
  const config = { projects: { barber, staging } } as unknown as Config;
  return Promise.all(doctor(placesOn(config, 'vercel'), deps(given)));
};
const name = 'vercel barber-crm';

test('a project that waits for promotes is in order', async () => {
  expect(await look()).toEqual([
    {
      check: name,
      state: 'ok',
      text: 'the token in VERCEL_TOKEN can read the project and may promote; no push goes live by itself',
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

test('everything that would close the gate is listed at once, with its remedy', async () => {
  at.vercel.setAutoAssign(project, true);
  at.vercel.setMayWrite(false);
  const [found] = await look();
  at.vercel.setAutoAssign(project, false);
  at.vercel.setMayWrite(true);
  expect(found?.state).toBe('problem');
  expect(found?.text.split('\n').map((line) => line.slice(0, 60))).toEqual([
    'vercel barber-crm assigns its production domains by itself: ',
    'vercel barber-crm: the token in VERCEL_TOKEN may read the pr',
  ]);
});

test('a wrong token, team or project', async () => {
  const text = async (more: object, given = env) => (await look(more, given))[0]?.text ?? '';
  expect(await text({}, { ...env, VERCEL_TOKEN: 'vcp_wrong' })).toBe(
    'Vercel refused the request for the project barber-crm, because it does not know the token in VERCEL_TOKEN (403).\n' +
      "Make a new token in Vercel's account settings, set VERCEL_TOKEN where the worker is started, and start the worker again.",
  );
  expect(await text({ team: 'other' })).toContain('correct "team" in plimsoll.yaml.');
  expect(await text({ project: 'barbershop' })).toContain('Check "project" (barbershop)');
});
