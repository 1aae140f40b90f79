import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { doctor } from '../../activities/platforms/vercel/doctor.ts';
import { placesOn } from '../../activities/platforms/places.ts';
import type { Config } from '../../domain/config/config.ts';
import type { PlanOn } from '../../domain/deploy/plan.ts';
import type { VercelTarget } from '../../domain/platforms/vercel/target.ts';
import { service } from '../../domain/platforms/vercel/calls.ts';
import { samples } from '../../sandbox/samples/samples.ts';
import { secret } from '../../worker/config/secrets.ts';
import { isSet } from '../../worker/doctor/secrets.ts';
import { smoke, timing, vercelPlace } from '../activities/platforms/vercel/place.ts';
import type { VercelPlace } from '../activities/platforms/vercel/place.ts';
import { bypass, token } from '../sandbox/platforms/vercel/vercel-fixture.ts';
import { vercelPlan } from '../support/fake-vercel.ts';
import { textOf, saidBy, tokenOf } from './rows.ts';
import type { Row } from './rows.ts';

const kind = service.tokens[0]!.name;
const documented = tokenOf('vercel', kind).permissions;

let at: VercelPlace;
let releases = 1;
beforeAll(async () => {
  const variable = (key: string) => [{ key, value: 'x', target: ['production' as const] }];
  at = await vercelPlace({ project: { variables: variable('OWN') }, shared: variable('SHARED') });
});
afterEach(() => at.vercel.setRole('member'));
afterAll(() => at.close());

const env = { VERCEL_TOKEN: token, VERCEL_BYPASS: bypass };
const target = () => ({ ...at.target, requiredVariables: ['OWN', 'SHARED'] });

async function doctorSays(): Promise<string[]> {
  const assistant = {
    ...{ branch: 'main', github: 'acme/barber-crm', repository: at.target.repository },
    environments: { production: target() },
  };
  const config = { projects: { assistant } } as unknown as Config;
  const deps = {
    secret: (ref: string) => secret(ref, env),
    isSet: (ref: string) => isSet(ref, env),
  };
  const findings = await Promise.all(doctor(placesOn(config, 'vercel'), deps));
  return findings.map(({ state, text }) => (state === 'problem' ? text : ''));
}

/** What a person reads before the deploy touches anything. Empty = nothing keeps it back. */
async function planSays(): Promise<string[]> {
  const rollbackTarget = { id: 'r', sha: at.first, platformId: at.live };
  const plan = vercelPlan({
    ...{ target: target(), github: 'acme/barber-crm', rollbackTarget },
  }) as PlanOn<VercelTarget>;
  const inspected = await saidBy(at.driver.inspect(target()));
  if (inspected !== '') return [inspected];
  return [
    ...(await at.driver.guards(plan).catch((cause: Error) => [cause.message])),
    await saidBy(at.driver.rollbackReady(target(), rollbackTarget)),
    ...(await at.driver.variables(target()).then(
      ({ sourceErrors }) => sourceErrors,
      (cause: Error) => [cause.message],
    )),
    await saidBy(at.driver.measureBaseline({ target: target(), accessLog: null })),
  ];
}

/** A whole deploy and its rollback. Stops going forward at the first refusal. */
async function deploySays(): Promise<string[]> {
  const { sha, id } = await at.push(samples.good((releases += 1)));
  const build = { ...at.stepOf(sha), id };
  const again = { again: true, pushed: false, plannedAt: new Date().toISOString() };
  const forward = [
    () => at.do.awaitDeployment(build),
    () => at.do.smokeDeployment({ ...build, smoke, timing }),
    () => at.do.promoteDeployment(build),
    () => at.do.turnAutoAssignOff(build),
    () => at.do.proveProduction({ ...build, timing }),
  ];
  const said: string[] = [];
  for (const step of forward) {
    const text = await saidBy(step());
    said.push(text);
    if (text !== '') break;
  }
  said.push(await saidBy(at.do.rollBackProduction(at.back(at.first, at.live))));
  const { sha: served } = await at.served();
  if (served !== at.first) said.push('Production serves the new release.');
  else if (said.some((text) => text !== '')) said.push('Production serves the previous release.');
  said.push(await saidBy(at.do.pickDeployment({ ...at.stepOf(sha), ...again })));
  return said;
}

async function play(): Promise<Omit<Row, 'permission'>> {
  at.board.effects.length = 0;
  const [said, planned] = [await doctorSays(), await planSays()];
  expect(at.effects()).toEqual([]);
  const closed = planned.some((text) => text !== '');
  const deployed = closed ? ['Not started.'] : await deploySays();
  at.vercel.setRole('member');
  await at.do.rollBackProduction(at.back(at.first, at.live));
  const clean = (texts: string[]) =>
    [...new Set(texts.filter((text) => text !== ''))]
      .join('\n')
      .replaceAll(/127\.0\.0\.1:\d+/g, 'HOST')
      .replaceAll(/\b(dpl|prj)_\w+/g, '$1_…')
      .replaceAll(/\b[0-9a-f]{7}\b/g, 'COMMIT');
  return { doctor: clean(said), plan: clean(planned), deploy: clean(deployed) };
}

test('with every documented permission, everything works', async () => {
  expect(await play()).toEqual({ doctor: '', plan: '', deploy: '' });
});

test('a Project Administrator has every documented permission', async () => {
  at.vercel.setRole('project administrator');
  expect(await play()).toEqual({ doctor: '', plan: '', deploy: '' });
});

const rows: Row[] = [];

/** Vercel's name of the thing, as it stands in a refusal or in the words of Plimsoll. */
const words: Record<string, RegExp> = {
  'project: read': /the project/,
  'project: update': /settings of the project/,
  'deploymentPromote: create': /promote/,
  'deploymentPromote: read': /promot/,
  'deploymentRollback: create': /roll back/,
  'deploymentRollback: read': /rollback/,
};

test.each(documented)('without $name', async ({ name, needed }) => {
  // A role gives `create` and `update` together.
  at.vercel.setRole('member', { lacks: [name, name.replace(/create$/, 'update')] });
  const row = { permission: name, ...(await play()) };
  rows.push(row);
  const before = `${row.doctor}\n${row.plan}`;
  const says = needed !== 'always' || (words[name] ?? /permission/).test(before);
  expect({ says, before }).toMatchObject({ says: true });
  // Whatever the token lacks, production ends at one release.
  expect(row.deploy).not.toContain('Production serves the new release.');
});

test('the rows are those of docs/permissions.md', async () => {
  const { text, file } = await textOf('vercel', { [kind]: rows });
  await expect(text).toMatchFileSnapshot(file);
});
