import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { samples } from '../../../../sandbox/samples/samples.ts';
import { project } from '../../../sandbox/platforms/vercel/vercel-fixture.ts';
import { failureText } from './failure-text.ts';
import { timing, vercelPlace } from './place.ts';
import type { VercelPlace } from './place.ts';

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
      at.arm(kind, 'POST /v10/projects');
      expect((await failureText(promote())).type).toBe('UnknownOutcome');
      expect(await promote()).toMatchObject({ promoted: expect.stringMatching(/done|already/) });
      expect(count('promote')).toBe(1);
    },
  );

  test.each(['429', '500-before', 'drop-before'] as const)(
    '%s: nothing happened, the next attempt promotes once',
    async (kind) => {
      at.arm(kind, 'POST /v10/projects');
      expect((await failureText(promote())).nonRetryable).toBe(false);
      expect(count('promote')).toBe(0);
      expect(await promote()).toEqual({ promoted: 'done' });
      expect(count('promote')).toBe(1);
    },
  );

  test('an answer that lies is found out: it never became live', async () => {
    at.arm('lying-status', 'POST /v10/projects');
    expect(await failureText(at.hasty.promoteDeployment(build()))).toEqual({
      type: 'UnknownOutcome',
      nonRetryable: false,
      lines: [
        `vercel barber-crm: Vercel accepted the promote to ${next.id}, but the promote did not end.`,
      ],
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

  test('a promote of somebody else that does not end: its id, and where to check', async () => {
    const other = await at.push(samples.good(3));
    await at.ended(other.id);
    at.vercel.hold(project, 'jobs');
    await at.client.promote({ ...at.where, id: other.id });
    expect(await failureText(at.hasty.promoteDeployment(build()))).toEqual({
      type: 'Unavailable',
      nonRetryable: false,
      lines: [
        `vercel barber-crm: a promote to ${other.id} is still under way after 1 s. Check it in Vercel's dashboard.`,
      ],
    });
    expect(count('promote')).toBe(1);
  });

  test('that fails in part names the domains that stayed; tried again it moves them all', async () => {
    at.vercel.failNextMove(project, 'fails-in-part');
    const [, second = ''] = at.vercel.origins(project);
    expect(await failureText(promote())).toEqual({
      type: 'Unavailable',
      nonRetryable: false,
      lines: [
        `vercel barber-crm: the promote to ${next.id} ended as "failed" at Vercel. These domains were not moved: ${new URL(second).host}.`,
      ],
    });
    expect(await promote()).toEqual({ promoted: 'done' });
    await at.do.proveProduction({ ...build(), timing });
  });

  test('by a token that may only read: which variable', async () => {
    at.vercel.setRole('developer');
    expect((await failureText(promote())).lines).toEqual([
      `Vercel refused the request for promoting ${next.id} in barber-crm, because the token in VERCEL_TOKEN has no permission (403).`,
      "Vercel's reason: forbidden: You don't have permission to create the deployment promotion.",
      'The token needs access to the team acme, and the rights of a team member with the role Owner or Member, or a member with the project role Project Administrator for barber-crm. Make a token of such a member, set VERCEL_TOKEN where the worker is started, and start the worker again.',
    ]);
    expect(at.effects()).toEqual(['build']);
  });

  describe('where Vercel reports no promote of the project', () => {
    beforeEach(() => at.vercel.hideMoves(true));

    test('is proven by what is live', async () => {
      expect(await promote()).toEqual({ promoted: 'done' });
      await at.do.proveProduction({ ...build(), timing });
      expect(count('promote')).toBe(1);
    });

    test('that fails in part is found by the domains, at once', async () => {
      at.vercel.failNextMove(project, 'fails-in-part');
      const [, second = ''] = at.vercel.origins(project);
      expect(await failureText(promote())).toEqual({
        type: 'Unavailable',
        nonRetryable: false,
        lines: [
          `vercel barber-crm: the promote to ${next.id} ended as "failed" at Vercel. These domains were not moved: ${new URL(second).host}.`,
        ],
      });
      expect(await promote()).toEqual({ promoted: 'done' });
    });

    test('that does not end names the domains that did not follow', async () => {
      at.vercel.hold(project, 'jobs');
      const domains = at.vercel.origins(project).map((origin) => new URL(origin).host);
      expect((await failureText(at.hasty.promoteDeployment(build()))).lines).toEqual([
        `vercel barber-crm: Vercel accepted the promote to ${next.id}, but the promote did not end. These domains were not moved: ${domains.join(', ')}.`,
      ]);
      at.vercel.letGo(project, 'jobs');
    });
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
  expect((await failureText(at.do.turnAutoAssignOff(at.stepOf(next.sha)))).lines).toEqual([
    'vercel barber-crm still assigns its domains automatically, although Plimsoll turned this off.',
  ]);
});

test('what is not served is not proven', async () => {
  const [, , domain = ''] = at.target.url.split('/');
  expect(await failureText(at.do.proveProduction({ ...build(), timing }))).toEqual({
    type: 'UnhealthyRelease',
    nonRetryable: true,
    lines: [
      `vercel barber-crm: ${next.sha.slice(0, 7)} was promoted, but production does not serve it or is not healthy:`,
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

  test('somebody made another deployment live meanwhile: nothing is promoted', async () => {
    await at.client.promote({ ...at.where, id: next.id });
    await at.moved();
    await at.client.setAutoAssign(project, false);
    expect(await failureText(check(at.live))).toEqual({
      type: 'RejectedByPlatform',
      nonRetryable: true,
      lines: [
        `vercel barber-crm: somebody made ${next.id} live since this deploy was planned (before: ${at.live}).`,
        'Nothing was promoted. Deploy again: the new plan can roll back to the deployment that is live now.',
      ],
    });
  });

  test('the project took to assigning its domains by itself', async () => {
    at.vercel.setAutoAssign(project, true);
    const { lines } = await failureText(check(at.live));
    expect(lines[0]).toMatch(/^vercel barber-crm assigns its production domains automatically: /);
    expect(lines[1]).toBe('Nothing was promoted.');
  });
});
