import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createApproval } from '../../activities/approval/approval.ts';
import { readStop } from '../../activities/approval/stop.ts';
import { whyNoMore } from '../../activities/approval/still-holds.ts';
import { openLedger } from '../../activities/ledger/ledger.ts';
import type { Ledger } from '../../activities/ledger/types.ts';
import { sealDigest, stopDigest, waiveDigest } from '../../activities/lib/seal-digest.ts';
import { verifyRequest } from '../../activities/plan/request.ts';
import { createStop } from '../../activities/records/stop.ts';
import { createWaive } from '../../activities/records/waive.ts';
import { Config } from '../../domain/config/config.ts';
import type { Decision, SignedDecision } from '../../domain/config/config.ts';
import { namespaces } from '../../domain/deploy/wire.ts';
import { keys, startDoor } from '../support/door.ts';
import type { Somebody } from '../support/door.ts';
import { noLimits, runId, signedCalls, signedInput } from '../support/door-calls.ts';
import { openGate, planFor } from '../support/plan.ts';

/**
 * A person with `projects: [blog]` has no rights in the project of these tests: not at the door, and
 * not by a signature that reaches the worker through Temporal.
 */

type Rights = { ana?: string[]; ben?: string[]; ci?: string[] };
const configOf = ({ ana, ben, ci }: Rights = {}) => {
  const person = (name: Somebody, projects?: string[]) => ({
    keys: [keys[name].publicKey],
    ...(projects ? { projects } : {}),
  });
  return Config.parse({
    approvers: { ana: person('ana', ana), ben: person('ben', ben) },
    requesters: { ci: person('ci', ci) },
    projects: {},
  });
};

let ledger: Ledger;
let config = configOf();
beforeEach(async () => {
  ledger = await openLedger({ path: ':memory:' });
  config = configOf();
});

const noon = Date.parse('2026-01-01T01:00:00.000Z');
const now = () => noon;
const deps = () => ({ config: () => config, ledger, now });
const signed = (decision: Decision, by: Somebody = 'ben'): SignedDecision => ({
  decision,
  signature: keys[by].sign(decision, namespaces.approval),
});

describe('an approval', () => {
  const rule = { required: 1, reasons: [], eligible: ['ana', 'ben'], notAlone: [], solo: 'off' };
  const plan = planFor({ rule } as never);
  const gates = [openGate('tests', '2026-01-01T00:00:00.000Z')];
  const sealed = { plan, gates, digest: sealDigest(plan, gates) };
  const { deployId, project, environment, sha, notAfter } = plan;
  const decision: Decision = {
    ...{ deployId, project, environment, sha, notAfter, subjectDigest: sealed.digest },
    ...{ subject: 'deploy', decision: 'approve', approver: 'ben', nonce: '1'.repeat(32) },
  };
  const ruleOn = () =>
    createApproval(deps()).ruleOnDecision({ sealed, signed: signed(decision), earlier: [] });
  const verify = () =>
    createApproval(deps()).verifyApprovals({ sealed, signed: [signed(decision)] });

  test('counts only with rights in the project of the plan', async () => {
    config = configOf({ ben: ['blog'] });
    const why = `ben has no rights in the project ${project}`;
    expect(await ruleOn()).toMatchObject({ verdict: 'void', why });
    config = configOf({ ben: ['blog', project] });
    expect(await ruleOn()).toMatchObject({ verdict: 'counted' });
  });

  test('does not count any more after the right was taken away', async () => {
    await ruleOn();
    await verify();
    config = configOf({ ben: ['blog'] });
    await expect(verify()).rejects.toThrow(`ben has no rights in the project ${project}`);
  });
});

test('a request starts nothing without rights in its project', async () => {
  const request = {
    ...{ project: 'shop', environment: 'production', ref: 'main', requestedBy: 'ci' },
    ...{ reason: 'a new page', priority: 'normal', nonce: '1'.repeat(32) },
    requestedAt: new Date(noon).toISOString(),
  };
  const sent = { request, signature: keys.ci.sign(request, namespaces.request) };
  expect(await verifyRequest(sent, configOf({ ci: ['shop'] }))).toEqual(request);
  await expect(verifyRequest(sent, configOf({ ci: ['blog'] }))).rejects.toThrow(
    'ci has no rights in the project shop, so nothing was started.\n' +
      'Ask a person with rights in shop, or add shop to "projects" of ci in plimsoll.yaml.',
  );
});

describe('a standalone decision', () => {
  const base = {
    ...{ sha: '0'.repeat(40), decision: 'approve' as const, approver: 'ben' },
    ...{ nonce: '1'.repeat(32), notAfter: new Date(noon + 600_000).toISOString() },
  };
  const place = { project: 'shop', environment: 'production' };
  const about = { finding: 'GHSA-vh95-rmgr-6w4m', reason: 'never called', until: '2026-01-31' };
  const waiver: Decision = {
    ...{ ...base, ...place, subject: 'waive', deployId: '' },
    subjectDigest: waiveDigest({ ...place, ...about }),
  };
  const everywhere = { project: 'all', environment: 'all' };
  const reason = 'the database is full';
  const stop: Decision = {
    ...{ ...base, ...everywhere, subject: 'stop', deployId: '' },
    subjectDigest: stopDigest({ subject: 'stop', stop: '', reason }),
  };
  const waive = () =>
    createWaive(deps()).waiveFinding({ signed: signed(waiver), ...about, runId: 'run-1' });
  const stopLine = () =>
    createStop(deps()).stopLine({ signed: signed(stop), reason, runId: 'run-1' });

  test('about a project needs rights there, also later', async () => {
    config = configOf({ ben: ['blog'] });
    const why = 'ben has no rights in the project shop';
    expect(await waive()).toMatchObject({ verdict: 'void', why });
    config = configOf({ ben: ['shop'] });
    expect(await waive()).toMatchObject({ verdict: 'counted' });
    const [row] = await ledger.read({ kinds: ['waived'], limit: 1 });
    expect(await whyNoMore(row!, 'waive', config)).toBeNull();
    expect(await whyNoMore(row!, 'waive', configOf({ ben: ['blog'] }))).toBe(why);
  });

  test('about all projects needs a person without "projects", also later', async () => {
    const why = 'ben has rights in single projects only, and this is about all projects';
    config = configOf({ ben: ['shop', 'blog'] });
    expect(await stopLine()).toMatchObject({ verdict: 'void', why });
    config = configOf();
    expect(await stopLine()).toMatchObject({ verdict: 'counted' });
    const key = `stop/${base.nonce}`;
    const safe = 'it has room again';
    const lift: Decision = {
      ...{ ...stop, subject: 'resume', deployId: key, nonce: '2'.repeat(32) },
      subjectDigest: stopDigest({ subject: 'resume', stop: key, reason: safe }),
    };
    const input = { signed: signed(lift), reason: safe, runId: 'run-1' };
    expect(await createStop(deps()).resumeLine(input)).toMatchObject({ verdict: 'counted' });
    expect(await readStop(ledger, config)).toBeNull();
    expect(await readStop(ledger, configOf({ ben: ['shop'] }))).toMatchObject({ key });
  });
});

describe('the door', () => {
  let door: Awaited<ReturnType<typeof startDoor>>;
  const tokens = {} as Record<'ana' | 'ci', string>;
  beforeAll(async () => {
    door = await startDoor({ rates: noLimits });
    for (const name of ['ana', 'ci'] as const) tokens[name] = await door.login(name);
    door.config.approvers['ana']!.projects = ['blog'];
    door.config.requesters['ci']!.projects = ['blog'];
  });
  afterAll(() => door?.close());

  const post = async (call: string, input: unknown, who: 'ana' | 'ci' = 'ana') => {
    const { body } = await door.post(call, input, tokens[who]);
    return body.error ?? body.result;
  };

  const { reconcile } = signedCalls;
  const ofEverything = () => ({ ...reconcile!.payload(), project: undefined });
  test.each([
    ...Object.entries(signedCalls),
    ['reconcile of everything', { ...reconcile!, payload: ofEverything }] as const,
  ])('refuses %s of another project', async (_, it) => {
    const before = door.calls.length;
    const answer = await post(it.call, signedInput(it), it.who as 'ana' | 'ci');
    expect(answer).toMatchObject({ code: 'no-right' });
    expect(door.calls.length).toBe(before);
  });

  const place = { project: 'shop', environment: 'production' };
  const run = { place, runId };
  const history = (input: object) => ({ task: 'history', input: { limit: 9, ...input } });
  test.each<[string, string, object]>([
    ['deploy', 'deploy', { place }],
    ['status', 'status', { ...run, ms: 1 }],
    ['heir', 'heir', run],
    ['end', 'end', run],
    ['aftermath', 'aftermath', { ...run, ms: 1, deployId: 'd-0123456789ab' }],
    ['history', 'begin', history({ project: 'shop' })],
    ['history of everything', 'begin', history({})],
    ['releases', 'begin', { task: 'releases', input: place }],
    ['budget', 'begin', { task: 'budget', input: null }],
    ['verification of the ledger', 'begin', { task: 'verifyLedger', input: null }],
  ])('shows nothing of another project: %s', async (_, call, input) => {
    const before = door.calls.length;
    expect(await post(call, input)).toMatchObject({ code: 'no-right' });
    expect(door.calls.length).toBe(before);
  });

  test('lists no other project, and says what helps', async () => {
    const memo = { taskQueue: 'q', sandbox: true };
    expect(await post('registry', {})).toEqual({ ...memo, projects: {}, branches: {} });
    expect((await post('deploy', { place })).message).toBe(
      'ana has no rights in the project shop, so the door shows and changes nothing of it.\n' +
        'Ask a person with rights in shop, or add shop to "projects" of ana in the worker\'s plimsoll.yaml.',
    );
    expect((await post('begin', history({}))).message).toBe(
      'ana has rights in single projects only, and this is about all projects.\n' +
        'Name one of your projects, or ask a person without "projects" in the worker\'s plimsoll.yaml.',
    );
  });

  test('lets a person use the own projects', async () => {
    door.config.approvers['ana']!.projects = ['shop'];
    expect(await post('registry', {})).toEqual({
      ...{ taskQueue: 'q', sandbox: true },
      ...{ projects: { shop: ['production'] }, branches: { shop: 'main' } },
    });
    expect(await post('begin', history({ project: 'shop' }))).toHaveProperty('id');
    const it = signedCalls['decide']!;
    expect(await post(it.call, signedInput(it))).toBeNull();
    door.config.approvers['ana']!.projects = ['blog'];
  });
});
