import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { samples } from '../../sandbox/samples.ts';
import { project } from '../sandbox/vercel-fixture.ts';
import { told } from './vercel-told.ts';
import { timing, vercelPlace } from './vercel-place.ts';
import type { VercelPlace } from './vercel-place.ts';

let at: VercelPlace;
let next: { sha: string; id: string };
beforeEach(async () => {
  at = await vercelPlace({ project: { domains: 2 } });
  next = await at.push(samples.good(2));
  await at.ended(next.id);
});
afterEach(() => at.close());

const build = () => ({ ...at.stepOf(next.sha), id: next.id });
const promote = () => at.do.promoteDeployment(build());
const count = (operation: string) => at.effects().filter((one) => one === operation).length;

describe('a promote', () => {
  test('is one promote; production, domain and served version follow; the same again is none', async () => {
    expect(await promote()).toEqual({ promoted: 'done' });
    await at.do.proveProduction({ ...build(), timing });
    expect(await at.served()).toMatchObject({ sha: next.sha });
    expect(await promote()).toEqual({ promoted: 'already' });
    expect(at.effects()).toEqual(['build', 'promote', 'live']);
  });

  test.each(['500-after', 'drop-after'] as const)(
    '%s: the next attempt finds it and does not promote again',
    async (kind) => {
      at.arm(kind, '/promote/');
      expect((await told(promote())).type).toBe('UnknownOutcome');
      expect(await promote()).toMatchObject({ promoted: expect.stringMatching(/done|already/) });
      expect(count('promote')).toBe(1);
    },
  );

  test.each(['429', '500-before', 'drop-before'] as const)(
    '%s: nothing happened, the next attempt promotes once',
    async (kind) => {
      at.arm(kind, '/promote/');
      expect((await told(promote())).nonRetryable).toBe(false);
      expect(count('promote')).toBe(0);
      expect(await promote()).toEqual({ promoted: 'done' });
      expect(count('promote')).toBe(1);
    },
  );

  test('an answer that lies is found out: it never became live', async () => {
    at.arm('lying-status', '/promote/');
    expect(await told(at.hasty.promoteDeployment(build()))).toEqual({
      type: 'UnknownOutcome',
      nonRetryable: false,
      lines: [`vercel barber-crm: Vercel took the promote to ${next.id}, and it did not end.`],
    });
  });

  test('a 409 because another one runs is waited for, never raced', async () => {
    const other = await at.push(samples.good(3));
    await at.ended(other.id);
    at.vercel.hold(project, 'jobs');
    await at.client.promote({ ...at.where, id: other.id });
    const promoting = promote();
    at.vercel.letGo(project, 'jobs');
    expect(await promoting).toEqual({ promoted: 'done' });
    expect((await at.truth()).live).toBe(next.id);
    expect(count('promote')).toBe(2);
  });

  test('one of another that does not end: who, and where to look', async () => {
    const other = await at.push(samples.good(3));
    await at.ended(other.id);
    at.vercel.hold(project, 'jobs');
    await at.client.promote({ ...at.where, id: other.id });
    expect(await told(at.hasty.promoteDeployment(build()))).toEqual({
      type: 'Unavailable',
      nonRetryable: false,
      lines: [
        `vercel barber-crm: a promote to ${other.id} is still under way after 1 s. Look at it in Vercel's dashboard.`,
      ],
    });
    expect(count('promote')).toBe(1);
  });

  test('that fails in part names the domains that stayed; tried again it moves them all', async () => {
    at.vercel.failNextMove(project, 'fails-in-part');
    const [, second = ''] = at.vercel.origins(project);
    expect(await told(promote())).toEqual({
      type: 'Unavailable',
      nonRetryable: false,
      lines: [
        `vercel barber-crm: the promote to ${next.id} failed at Vercel. These domains did not follow: ${new URL(second).host}.`,
      ],
    });
    expect(await promote()).toEqual({ promoted: 'done' });
    await at.do.proveProduction({ ...build(), timing });
  });

  test('by a token that may only look: which variable', async () => {
    at.vercel.setMayWrite(false);
    expect((await told(promote())).lines).toEqual([
      `The token in VERCEL_TOKEN may not do this at Vercel (403): promoting ${next.id} in barber-crm.`,
      'Give it the scope of the team acme, or correct "team" in plimsoll.yaml.',
    ]);
  });
});

test('a promote turns the assignment of domains on; it is turned off, read back, once', async () => {
  await promote();
  expect((await at.truth()).autoAssign).toBe(true);
  expect(await at.do.turnAutoAssignOff(at.stepOf(next.sha))).toEqual({ turned: 'done' });
  expect(await at.do.turnAutoAssignOff(at.stepOf(next.sha))).toEqual({ turned: 'already' });
  expect((await at.truth()).autoAssign).toBe(false);
  expect(count('updateProject')).toBe(1);
});

test('an answer that says it is off, and it is not', async () => {
  await promote();
  at.arm('lying-status', 'PATCH /v9/projects');
  expect((await told(at.do.turnAutoAssignOff(at.stepOf(next.sha)))).lines).toEqual([
    'vercel barber-crm still assigns its domains by itself after it was turned off.',
  ]);
});

test('what is not served is not proven', async () => {
  const [, , domain = ''] = at.target.url.split('/');
  expect(await told(at.do.proveProduction({ ...build(), timing }))).toEqual({
    type: 'UnhealthyRelease',
    nonRetryable: true,
    lines: [
      `vercel barber-crm: ${next.sha.slice(0, 7)} was promoted and is not what production serves:`,
      `- production is ${at.live}, not ${next.id}`,
      `- ${domain} points at ${at.live}, not ${next.id}`,
      `- version: ${at.target.url}/version: does not name ${next.sha.slice(0, 7)}`,
    ],
  });
});

describe('before anything is promoted', () => {
  const check = (expected: string | null, id?: string) =>
    at.do.checkProduction({ ...at.stepOf(next.sha), expected, ...(id ? { id } : {}) });

  test('what was planned for is live, or ours already', async () => {
    await expect(check(at.live)).resolves.toBeUndefined();
    await expect(check('dpl_other', at.live)).resolves.toBeUndefined();
  });

  test('somebody made something else live meanwhile: nothing is promoted', async () => {
    await at.client.promote({ ...at.where, id: next.id });
    await at.moved();
    await at.client.setAutoAssign(project, false);
    expect(await told(check(at.live))).toEqual({
      type: 'RejectedByPlatform',
      nonRetryable: true,
      lines: [
        `vercel barber-crm: somebody made ${next.id} live since this was planned (then it was ${at.live}).`,
        'Nothing was promoted. Deploy again: the new plan knows what to go back to.',
      ],
    });
  });

  test('the project took to assigning its domains by itself', async () => {
    at.vercel.setAutoAssign(project, true);
    const { lines } = await told(check(at.live));
    expect(lines[0]).toMatch(/^vercel barber-crm assigns its production domains by itself: /);
    expect(lines[1]).toBe('Nothing was promoted.');
  });
});
