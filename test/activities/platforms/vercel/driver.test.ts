import { afterEach, describe, expect, test } from 'vitest';
import type { PlanOn } from '../../../../domain/deploy/plan.ts';
import type { VercelTarget } from '../../../../domain/platforms/vercel/target.ts';
import { samples } from '../../../../sandbox/samples/samples.ts';
import { vercelPlan } from '../../../support/fake-vercel.ts';
import { project } from '../../../sandbox/platforms/vercel/vercel-fixture.ts';
import { failureText } from './failure-text.ts';
import { vercelPlace } from './place.ts';
import type { VercelPlace } from './place.ts';

let at: VercelPlace;
const open = async (options: Parameters<typeof vercelPlace>[0] = {}) => {
  at = await vercelPlace(options);
};
afterEach(() => at.close());

const promoted = async (files = samples.good(2)) => {
  const next = await at.push(files);
  await at.ended(next.id);
  await at.do.promoteDeployment({ ...at.stepOf(next.sha), id: next.id });
  await at.do.turnAutoAssignOff(at.stepOf(next.sha));
  return next;
};
const planOf = (more: object = {}) =>
  vercelPlan({
    target: at.target,
    github: 'acme/barber-crm',
    rollbackTarget: null,
    ...more,
  }) as PlanOn<VercelTarget>;
const guards = (target: Partial<VercelTarget> = {}, more: object = {}) =>
  at.driver.guards(planOf({ target: { ...at.target, ...target }, ...more }));

describe('what is live', () => {
  test('is the deployment that the domain serves, by the commit Vercel fetched; and what it can go back to', async () => {
    await open();
    const next = await promoted();
    expect(await at.driver.inspect(at.target)).toEqual([
      {
        host: 'vercel barber-crm',
        sha: next.sha,
        runningSha: next.sha,
        invocationId: null,
        active: true,
        healthy: true,
        id: next.id,
        ready: [at.first],
        ids: { [at.first]: at.live },
      },
    ]);
  });

  test('is not settled while a promote is under way', async () => {
    await open();
    const next = await at.push(samples.good(2));
    await at.ended(next.id);
    at.vercel.hold(project, 'jobs');
    await at.client.promote({ ...at.where, id: next.id });
    expect((await at.driver.inspect(at.target))[0]).toMatchObject({ id: at.live, healthy: false });
  });

  test('is not settled where a promote was left half done', async () => {
    await open({ project: { domains: 2 } });
    const next = await at.push(samples.good(2));
    await at.ended(next.id);
    at.vercel.failNextMove(project, 'fails-in-part');
    await failureText(at.do.promoteDeployment({ ...at.stepOf(next.sha), id: next.id }));
    expect((await at.driver.inspect(at.target))[0]).toMatchObject({ id: next.id, healthy: false });
    const domain = new URL(at.target.url).host;
    expect(await guards()).toEqual([
      `${domain} points at ${next.id}, but production of vercel barber-crm is ${at.live}: a promote did not finish. Before you deploy again, finish the promote: vercel promote ${at.live}`,
    ]);
  });
});

describe('the rollback', () => {
  const rollbackReady = (sha: string, id?: string) =>
    at.driver.rollbackReady(at.target, {
      id: 'r',
      sha,
      ...(id === undefined ? {} : { platformId: id }),
    });
  const host = 'vercel barber-crm';

  test('is what is live, or what Vercel would roll back to', async () => {
    await open();
    const next = await promoted();
    expect(await rollbackReady(next.sha, next.id)).toEqual([{ host, present: true }]);
    expect(await rollbackReady(at.first, at.live)).toEqual([{ host, present: true }]);
  });

  test('is none that never was live, is of another commit, is gone, or has no id', async () => {
    await open();
    const staged = await at.push(samples.good(2));
    await at.ended(staged.id);
    const gone = async (sha: string, id?: string) => (await rollbackReady(sha, id))[0];
    const short = staged.sha.slice(0, 7);
    const choose = 'Choose another rollback target: --rollback-target live.';
    expect(await gone(staged.sha, staged.id)).toEqual({
      ...{ host, present: false },
      gone: `${host}: Vercel offers no rollback to ${staged.id} of ${short}. ${choose}`,
    });
    expect((await gone(staged.sha, at.live))?.gone).toBe(
      `${host}: ${at.live} was not built from ${short}. ${choose}`,
    );
    expect((await gone(staged.sha, 'dpl_gone'))?.gone).toBe(
      `${host}: dpl_gone of ${short} is not ready or does not exist any more. ${choose}`,
    );
    expect((await gone(staged.sha))?.gone).toBe(
      `${host}: Vercel has no deployment of ${short} to roll back to. Choose another rollback target.`,
    );
  });
});

describe('what keeps the gate closed', () => {
  test('nothing, where the project waits for a promote', async () => {
    await open();
    expect(await guards()).toEqual([]);
    expect(at.effects()).toEqual([]);
  });

  test('domains that are assigned by themselves, with the two ways to turn it off', async () => {
    await open({ project: { autoAssign: true } });
    expect(await guards()).toEqual([
      'vercel barber-crm assigns its production domains automatically: every push to main would go live before anybody tested it. ' +
        'Turn this off under Settings → Environments → Production → Auto-assign Custom Production Domains, or with this command: ' +
        `curl -X PATCH "${at.target.api}/v9/projects/barber-crm?slug=acme" -H "Authorization: Bearer $VERCEL_TOKEN" ` +
        `-H "Content-Type: application/json" -d '{"autoAssignCustomDomains":false}'`,
    ]);
  });

  test('a promote that is under way, and a token that may only read', async () => {
    await open();
    const next = await at.push(samples.good(2));
    await at.ended(next.id);
    at.vercel.hold(project, 'jobs');
    await at.client.promote({ ...at.where, id: next.id });
    at.vercel.setRole('viewer');
    expect(await guards()).toEqual([
      `vercel barber-crm: a promote to ${next.id} is under way. Wait for its end, then deploy again.`,
      'vercel barber-crm: the token in VERCEL_TOKEN may read the project, but it may not promote, or roll back, or change the settings of the project. ' +
        'Make a token of a team member with the role Owner or Member, or a member with the project role Project Administrator. Set the variable to the new token where the worker is started, and start the worker again.',
    ]);
  });

  test('a rolling release, and a project that is paused', async () => {
    await open();
    at.vercel.setRolling(project, true);
    at.vercel.setPaused(project, true);
    expect(await guards()).toEqual([
      'vercel barber-crm has a rolling release: a promote would reach only a part of the traffic. Turn it off: Settings → Build and Deployment → Rolling Releases.',
      "vercel barber-crm is paused, so it serves nobody. Resume it in Vercel's dashboard.",
    ]);
  });

  test('another repository, another branch, another domain', async () => {
    await open();
    const domain = new URL(at.target.url).host;
    const name = 'vercel barber-crm';
    const other = { branch: 'trunk', url: 'https://shop.example' };
    expect(await guards(other, { github: 'acme/shop' })).toEqual([
      `${name} is linked to acme/barber-crm, not to acme/shop. Connect it: Settings → Git.`,
      `${name} builds production from main, but plimsoll.yaml says trunk. Make both the same: Settings → Environments → Production → Branch Tracking, or "branch" in plimsoll.yaml.`,
      `shop.example is no domain of ${name}. Set "url" in plimsoll.yaml to a production domain of the project: ${domain}.`,
    ]);
  });

  test('the address that Vercel made, which follows every build: it is never production', async () => {
    await open();
    const staged = await at.push(samples.good(2));
    await at.ended(staged.id);
    const url = at.vercel.generated(project);
    const answer = (await (await fetch(`${url}/version`)).json()) as { sha: string };
    expect(answer.sha).toBe(staged.sha);
    const [host, domain] = [new URL(url).host, new URL(at.target.url).host];
    expect(await guards({ url })).toEqual([
      `${host} is an address that Vercel made for builds of vercel barber-crm. Vercel points it at every finished build, approved or not, and a promote does not move it. ` +
        `Set "url" in plimsoll.yaml to a production domain of the project: ${domain}.`,
    ]);
    const [state] = await at.driver.inspect({ ...at.target, url });
    expect(state).toMatchObject({ id: at.live, sha: at.first });
    expect(await guards()).toEqual([]);
  });

  test('a domain that serves a branch, redirects, or is not verified', async () => {
    await open({ project: { domains: 2 } });
    const [first = '', second = ''] = at.vercel.origins(project).map((one) => new URL(one).host);
    const set = `Set "url" in plimsoll.yaml to a production domain of the project: `;
    const told = async (settings: object) => {
      at.vercel.setDomain(project, first, settings);
      return await guards();
    };
    expect(await told({ gitBranch: 'next' })).toEqual([
      `${first} of vercel barber-crm serves the branch next, not production. ${set}${second}.`,
    ]);
    expect(await told({ redirect: second })).toEqual([
      `${first} of vercel barber-crm only redirects to ${second}. ${set}${second}.`,
    ]);
    expect(await told({ verified: false })).toEqual([
      `${first} of vercel barber-crm is not verified at Vercel, so it serves nothing. ${set}${first}, ${second}.`,
    ]);
    expect(await told({})).toEqual([]);
  });

  test('on Hobby a rollback target that is not the previous deployment', async () => {
    await open({ plan: 'hobby' });
    const next = await promoted();
    const rollbackTarget = { id: 'r', sha: at.first, platformId: at.live };
    expect(await guards({}, { rollbackTarget })).toEqual([
      `vercel barber-crm: the Hobby plan can roll back only to the previous deployment. After this deploy, that is ${next.id}, not ${at.first.slice(0, 7)} (${at.live}). ` +
        `Choose --rollback-target live. Or make ${at.live} live first: vercel promote ${at.live}`,
    ]);
    const own = { id: 'r', sha: next.sha, platformId: next.id };
    expect(await guards({}, { rollbackTarget: own })).toEqual([]);
  });

  test('a bypass secret that is not accepted, before anything is approved', async () => {
    await open();
    const { origin } = (await at.client.deployment({ project, id: at.live }))!;
    expect(await guards({ bypass: 'env:OLD_BYPASS' })).toEqual([
      `vercel barber-crm: ${origin} shows Vercel's login, because Vercel does not accept the secret in OLD_BYPASS. The secret was revoked, or it belongs to another project.\n` +
        'Make a new secret (Settings → Deployment Protection → Protection Bypass for Automation), set OLD_BYPASS where the worker is started, and start the worker again.',
    ]);
  });

  test('a token, a team or a project that is wrong is told by its name', async () => {
    await open();
    expect((await failureText(guards({ token: 'env:NOBODY' }))).lines[0]).toBe(
      'Vercel refused the request for the project barber-crm, because it does not know the token in NOBODY (403).',
    );
    expect((await failureText(guards({ team: 'other' }))).lines[2]).toBe(
      'Give the token access to the team other, or correct "team" in plimsoll.yaml. If the team requires a login by SAML, log in to the team first, then make a new token for VERCEL_TOKEN.',
    );
    expect((await failureText(guards({ project: 'barbershop' }))).lines[1]).toBe(
      'Plimsoll searched in the team acme. Check "project" (barbershop) and "team" in plimsoll.yaml, and that the token in VERCEL_TOKEN may see them.',
    );
  });
});

test('required variables are looked for by name, for production, the shared ones too', async () => {
  await open({
    project: {
      variables: [
        { key: 'DATABASE_URL', value: 'x', target: ['production'] },
        { key: 'PREVIEW_ONLY', value: 'x', target: ['preview'] },
      ],
    },
    shared: [{ key: 'SENTRY_DSN', value: 'x', target: ['production'] }],
  });
  const requiredVariables = ['DATABASE_URL', 'SENTRY_DSN', 'PREVIEW_ONLY', 'STRIPE_KEY'];
  expect(await at.driver.variables({ ...at.target, requiredVariables })).toEqual({
    hosts: [{ host: 'vercel barber-crm', missing: ['PREVIEW_ONLY', 'STRIPE_KEY'] }],
    sourceErrors: [],
  });
});

test('shared variables that the token may not read are told apart from missing ones', async () => {
  await open({ shared: [{ key: 'SENTRY_DSN', value: 'x', target: ['production'] }] });
  const asked = { ...at.target, requiredVariables: ['SENTRY_DSN'] };
  expect(await at.driver.variables(asked)).toEqual({
    hosts: [{ host: 'vercel barber-crm', missing: [] }],
    sourceErrors: [],
  });
  at.vercel.setRole('member', { barred: ['sharedEnvVars'] });
  expect(await at.driver.variables(asked)).toEqual({
    hosts: [{ host: 'vercel barber-crm', missing: ['SENTRY_DSN'] }],
    sourceErrors: [
      "the shared variables of the team (wanted: SENTRY_DSN), because the token in VERCEL_TOKEN may not read them (Vercel's reason: forbidden: You don't have permission to list the shared environment variable). " +
        'Make a token of a member who may read them, or set the variables in the project itself',
    ],
  });
});

test('the diagnosis reads what the build of the commit said', async () => {
  await open();
  const files = {
    ...samples.good(2),
    'package.json': JSON.stringify({
      scripts: { build: 'echo "STRIPE_KEY is not set" >&2; exit 1' },
    }),
  };
  const { sha, id } = await at.push(files);
  await at.ended(id);
  const lines = await at.driver.lastLines(planOf({ sha }));
  expect(lines[0]).toMatch(new RegExp(`^vercel barber-crm: ${id} is ERROR: BUILD_UTILS_SPAWN_1`));
  expect(lines).toContain('STRIPE_KEY is not set');
  const lost = { target: { ...at.target, project: 'barbershop' }, sha };
  expect((await at.driver.lastLines(planOf(lost)))[0]).toMatch(
    /^vercel barbershop: the build log could not be read: Vercel could not answer the request for the project barbershop \(404\)\./,
  );
});
