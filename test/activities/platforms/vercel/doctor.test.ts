import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
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
afterEach(() => {
  at.vercel.setRole('member');
  at.vercel.setMetrics('on');
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
const found = async (what: string) => {
  const { state, text } = (await look()).find(({ check }) => check === `${name}: ${what}`)!;
  return { state, lines: text.split('\n') };
};

test('a project that waits for promotes is in order', async () => {
  expect(await look()).toEqual([
    {
      check: name,
      state: 'ok',
      text: 'the token in VERCEL_TOKEN can read the project; no push goes live automatically',
    },
    {
      check: `${name}: reads`,
      state: 'ok',
      text: 'the token can read the deployments, the domains of a promote, and the names of the variables, also of the shared ones',
    },
    {
      check: `${name}: rights`,
      state: 'ok',
      text: 'the token may promote, roll back, change the settings of the project, start a production build, point a domain at a deployment',
    },
    {
      check: `${name}: metrics`,
      state: 'ok',
      text: 'the requests to production can be counted',
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
  at.vercel.setRole('viewer');
  const [first] = await look();
  at.vercel.setAutoAssign(project, false);
  expect(first?.state).toBe('problem');
  expect(first?.text.split('\n').map((line) => line.slice(0, 60))).toEqual([
    'vercel barber-crm assigns its production domains automatical',
    'vercel barber-crm: the token in VERCEL_TOKEN may read the pr',
  ]);
});

describe('the rights of the token', () => {
  const remedy =
    'Make a token of a team member with the role Owner or Member, or a member with the project role Project Administrator, set VERCEL_TOKEN where the worker is started, and start the worker again.';

  test('that the role lacks are named, and who has them', async () => {
    at.vercel.setRole('developer');
    expect(await found('rights')).toEqual({
      state: 'problem',
      lines: [
        'The token in VERCEL_TOKEN may not promote, or roll back, or change the settings of the project, or start a production build, or point a domain at a deployment.',
        remedy,
      ],
    });
    at.vercel.setRole('full production developer');
    expect(await found('rights')).toEqual({
      state: 'problem',
      lines: [
        'The token in VERCEL_TOKEN may not change the settings of the project, or point a domain at a deployment.',
        remedy,
      ],
    });
    at.vercel.setRole('project administrator');
    expect((await found('rights')).state).toBe('ok');
  });

  test('that Vercel does not show are unknown, and nothing is tried', async () => {
    at.vercel.setRole('member', { hidden: ['deploymentPromote', 'deploymentRollback'] });
    expect(await found('rights')).toEqual({
      state: 'ok',
      lines: [
        'the token may change the settings of the project, start a production build, point a domain at a deployment; Vercel does not show whether the token may promote, roll back: unknown until the first deploy',
      ],
    });
    expect(at.effects()).toEqual([]);
  });

  test('a contributor without a role in the project may not even read it', async () => {
    at.vercel.setRole('contributor');
    const [first, ...others] = await look();
    expect(first?.text.split('\n')).toEqual([
      'Vercel refused the request for the project barber-crm, because the token in VERCEL_TOKEN has no permission (403).',
      "Vercel's reason: forbidden: You don't have permission to read the project.",
      'The token needs access to the team acme, and the rights of a team member with the role Owner or Member, or a member with the project role Project Administrator for barber-crm. Make a token of such a member, set VERCEL_TOKEN where the worker is started, and start the worker again.',
    ]);
    expect(others.map(({ state }) => state)).toEqual(['problem', 'problem', 'problem']);
  });
});

describe('the metrics', () => {
  const without =
    'Without them the watch counts the errors of the runtime log and cannot compare them.';

  test('are optional where the plan does not include them', async () => {
    at.vercel.setMetrics('not in plan');
    expect(await found('metrics')).toEqual({
      state: 'absent',
      lines: [
        'Vercel does not give request counts (PAYMENT_REQUIRED: This feature requires an Observability Plus subscription. Upgrade at https://vercel.com/dashboard/settings/billing). ' +
          without,
      ],
    });
  });

  test('that the token may not read are a problem with a remedy', async () => {
    at.vercel.setMetrics('forbidden');
    expect(await found('metrics')).toEqual({
      state: 'problem',
      lines: [
        `The token in VERCEL_TOKEN may not read the metrics of barber-crm (403). Vercel's reason: FORBIDDEN. ${without}`,
        'Make a token of a member who may see Observability in the dashboard of the project.',
      ],
    });
    at.vercel.setMetrics('invalid');
    expect((await found('metrics')).lines[0]).toBe(
      `Vercel refused to show the requests of barber-crm (400). Vercel's reason: BAD_REQUEST: Invalid query. ${without}`,
    );
  });
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
