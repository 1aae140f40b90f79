import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { PlanOn } from '../../../../domain/deploy/plan.ts';
import type { VercelTarget } from '../../../../domain/platforms/vercel/target.ts';
import { samples } from '../../../../sandbox/samples/samples.ts';
import type { Access, Resource } from '../../../../sandbox/platforms/vercel/roles.ts';
import { vercelPlan } from '../../../support/fake-vercel.ts';
import { smoke, timing, vercelPlace } from './place.ts';
import type { VercelPlace } from './place.ts';

let at: VercelPlace;
beforeAll(async () => {
  const variable = (key: string) => [{ key, value: 'x', target: ['production' as const] }];
  at = await vercelPlace({ project: { variables: variable('OWN') }, shared: variable('SHARED') });
});
afterEach(() => at.vercel.setRole('member'));
afterAll(() => at.close());

const said = (cause: unknown) => [(cause as Error).message];
/** Returns the problems that a person reads before the first effect of the deploy. */
async function told(): Promise<string[]> {
  const target = { ...at.target, requiredVariables: ['OWN', 'SHARED'] };
  const rollbackTarget = { id: 'r', sha: at.first, platformId: at.live };
  const plan = vercelPlan({
    target,
    github: 'acme/barber-crm',
    rollbackTarget,
  }) as PlanOn<VercelTarget>;
  const inspected = await at.driver.inspect(target).then(() => [], said);
  if (inspected.length > 0) return inspected;
  return [
    ...(await at.driver.guards(plan).catch(said)),
    ...(await at.driver.rollbackReady(target, rollbackTarget).then(() => [], said)),
    ...(await at.driver.variables(target).then(({ sourceErrors }) => sourceErrors, said)),
    ...(await at.driver.measureBaseline({ target, accessLog: null }).then(() => [], said)),
  ];
}

const removed: [Resource, 'without' | 'barred'][] = [
  ['deploymentPromote', 'without'],
  ['deploymentRollback', 'without'],
  ['project', 'without'],
  ['deployment', 'without'],
  ['aliasProject', 'without'],
  ['project', 'barred'],
  ['projectDomain', 'barred'],
  ['aliasProject', 'barred'],
  ['deployment', 'barred'],
  ['projectEnvVars', 'barred'],
  ['sharedEnvVars', 'barred'],
  ['observabilityData', 'barred'],
];

describe('a token without one right', () => {
  const rows: string[] = [];

  test.each(removed)('%s (%s) is told before anything is touched', async (resource, how) => {
    const more: Partial<Access> = { [how]: [resource] };
    at.vercel.setRole('member', more);
    const texts = await told();
    const optional = ['deployment without', 'aliasProject without', 'observabilityData barred'];
    const wanted = optional.includes(`${resource} ${how}`) ? /^$/ : /Make a token of/;
    expect(texts.join('\n')).toMatch(wanted);
    expect(at.effects()).toEqual([]);
    const what = `${resource}: ${how === 'without' ? 'read only' : 'nothing'}`;
    const text = texts.length > 0 ? [...new Set(texts)].join('\n') : late[`${resource} ${how}`];
    rows.push(
      `| ${what} | ${(text ?? '')
        .replaceAll(/127\.0\.0\.1:\d+/g, 'HOST')
        .replaceAll(/\b(dpl|prj)_\w+/g, '$1_…')
        .replaceAll('\n', '<br>')} |`,
    );
  });

  test('the texts are in the documentation', async () => {
    const page = [
      '# A token of Vercel that lacks one right',
      '',
      'Made by `test/activities/platforms/vercel/rights.test.ts`. Do not edit it: run that test with `-u`.',
      '',
      'What a person reads before the deploy touches anything. A right is a key under `permissions` of the',
      'project. [Every call with the right that it needs](../real-services.md#vercel). The texts of',
      'refusals, the roles and the rights of a call come from public records and from the pages about',
      'access roles; nobody can verify them without an account.',
      '',
      '| right | text |',
      '| ----- | ---- |',
      ...rows,
      '',
    ].join('\n');
    await expect(page).toMatchFileSnapshot('../../../../docs/real-services/vercel.md');
  });
});

/** The consequence of a missing right that only some deploys need. */
const late: Record<string, string> = {
  'deployment without':
    'Nothing, because Vercel usually builds the commit by itself. `doctor` says it. If Plimsoll must start a build, Vercel refuses it, and nothing is promoted.',
  'aliasProject without':
    'Nothing, because only a rollback that moved a part of the domains needs it. `doctor` says it.',
  'observabilityData barred':
    'The plan has no baseline. `doctor` says that the token may not read the metrics.',
};

test('a Project Administrator may do all that a deploy and its rollback do', async () => {
  at.vercel.setRole('project administrator');
  expect(await told()).toEqual([]);
  const { sha, id } = await at.push(samples.good(2));
  const build = { ...at.stepOf(sha), id };
  await at.do.awaitDeployment(build);
  await at.do.smokeDeployment({ ...build, smoke, timing });
  await at.do.promoteDeployment(build);
  await at.do.turnAutoAssignOff(build);
  await at.do.proveProduction({ ...build, timing });
  await at.do.pickDeployment({
    ...at.stepOf(sha),
    again: true,
    pushed: false,
    plannedAt: new Date().toISOString(),
  });
  expect(await at.do.rollBackProduction(at.back(at.first, at.live))).toMatchObject({ id: at.live });
});
