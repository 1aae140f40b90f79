import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createPreviousGate } from '../../../activities/gates/previous.ts';
import { createGit } from '../../../activities/git/git.ts';
import { final, transient } from '../../../activities/lib/fail.ts';
import { createVps } from '../../../activities/platforms/vps/activities.ts';
import type { DriverOf } from '../../../activities/platforms/driver.ts';
import { createVpsDriver } from '../../../activities/platforms/vps/driver.ts';
import { withSsh } from '../../../activities/platforms/vps/ssh/ssh.ts';
import type { WithSsh } from '../../../activities/platforms/vps/ssh/ssh.ts';
import type { RemoteResult } from '../../../activities/platforms/vps/ssh/remote.ts';
import { createOpenHost } from '../../../activities/platforms/vps/ssh/on-host.ts';
import type { Entry } from '../../../domain/contract/activities.ts';
import { failures } from '../../../domain/deploy/failures.ts';
import type { GateReport } from '../../../domain/deploy/plan.ts';
import { samples } from '../../../sandbox/samples/samples.ts';
import { planFor } from '../plan/plan-fixture.ts';
import { run, deployRelease, startVpsFixture } from '../platforms/vps/fixture.ts';
import type { VpsFixture } from '../platforms/vps/fixture.ts';
import { gatesOfPlatform, linesOf, verdictOf } from './verdicts.ts';
import type { Verdict } from './verdicts.ts';

type Answer = RemoteResult | (() => never);
const lost = () => {
  throw transient('the connection to the host was lost');
};
const refused = () => {
  throw final(failures.rejectedByPlatform, 'the host refused our key');
};
/** The bad answers of a host, by name. Each function makes a bad answer from the real answer. */
const spoils: Record<string, (whole: RemoteResult) => Answer> = {
  nothing: () => ({ code: 0, stdout: '', stderr: '' }),
  'one line alone': ({ stdout }) => ({ code: 0, stdout: stdout.split('\n')[0] ?? '', stderr: '' }),
  'half of it': ({ stdout }) => ({
    ...{ code: 0, stderr: '' },
    stdout: stdout.slice(0, stdout.length / 2),
  }),
  'a greeting': () => ({ code: 0, stdout: 'Welcome to Debian!\nLast login: today\n', stderr: '' }),
  JSON: () => ({ code: 0, stdout: '{"ok":true}\n', stderr: '' }),
  'the names without values': ({ stdout }) => ({
    ...{ code: 0, stderr: '' },
    stdout: stdout.replaceAll(/=.*$/gm, '='),
  }),
  'exit 1': () => ({ code: 1, stdout: '', stderr: 'failed' }),
  'exit 1 after it all': (whole) => ({ ...whole, code: 1 }),
  'exit 124, the time-out': () => ({ code: 124, stdout: '', stderr: '' }),
  'exit 127, no such program': () => ({ code: 127, stdout: '', stderr: 'sh: not found' }),
  'exit 137, killed': ({ stdout }) => ({ code: 137, stdout: stdout.slice(0, 20), stderr: '' }),
  'a full disk': () => ({ code: 2, stdout: '', stderr: 'No space left on device' }),
  'a lost connection': () => lost,
  'a refused key': () => refused,
};

let vpsFixture: VpsFixture;
let spoilt: string | null = null;
let hits = 0;
let calls: string[] = [];
/**
 * Connects to the real host, but replaces each answer to the command `spoilt` by the bad answer
 * `current`.
 */
const over: WithSsh = (host, identity, options, work) =>
  withSsh(host, identity, options, (remote) =>
    work({
      ...remote,
      run: async (script, args, how) => {
        const whole = await remote.run(script, args, how);
        const name = how.step ?? 'read';
        if (!calls.includes(name)) calls.push(name);
        if (current === null || spoilt !== name) return whole;
        const answer = (spoils[current] as (it: RemoteResult) => Answer)(whole);
        if (typeof answer === 'function') {
          hits += 1;
          return answer();
        }
        // An answer that is equal to the real one does not count as a bad answer.
        hits += answer.code === whole.code && answer.stdout.trim() === whole.stdout.trim() ? 0 : 1;
        return answer;
      },
    }),
  );
let current: string | null = null;

type Gate = { name: string; check: () => Promise<GateReport> };
let gates: Gate[] = [];

beforeAll(async () => {
  vpsFixture = await startVpsFixture({ trees: [samples.good(1), samples.good(2)] });
  const [old = '', sha = ''] = vpsFixture.shas;
  await deployRelease(vpsFixture, old);
  const [host] = vpsFixture.handles;
  const file = `${host?.directory}/shop.env`;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, 'STRIPE_KEY=x\n');
  const target = { ...vpsFixture.target, requiredVariables: ['STRIPE_KEY'], environmentFile: file };
  const git = createGit({ workspace: `${vpsFixture.root}/mirror`, token: () => undefined });
  const { inspectHosts } = createVps({ over });
  const driver = createVpsDriver({ openHost: createOpenHost(over), inspectHosts });
  const driverOf = (() => driver) as unknown as DriverOf;
  const plan = planFor({
    ...{ sha, target, revert: 'off' },
    rollbackTarget: { id: `${old.slice(0, 12)}-00000000`, sha: old },
  });
  const { platform, secrets } = gatesOfPlatform(plan, git, driverOf);
  gates = [
    { name: 'platform', check: () => run(platform, undefined) },
    { name: 'secrets', check: () => run(secrets, undefined) },
  ];
}, 60_000);
afterAll(() => vpsFixture?.stop());

const steady = (text: string) =>
  text
    .replaceAll('\n', ' ')
    .replaceAll(/\S*\/vps-test-[^/ ]+/g, '…')
    .replaceAll(/\b[0-9a-f]{7,40}\b/g, '…');

describe('a host with a bad answer opens no gate', () => {
  test('for every question of every gate', { timeout: 180_000 }, async () => {
    const passed: string[] = [];
    const document = ['# What a person reads where a host says nothing good', ''];
    for (const { name, check } of gates) {
      calls = [];
      const { open: whole, reasons } = await verdictOf(check);
      expect(whole, `${name}: ${reasons.join()}`).toBe(true);
      for (const call of [...calls]) {
        const verdicts = new Map<string, Verdict>();
        for (const spoil of Object.keys(spoils)) {
          [spoilt, current, hits] = [call, spoil, 0];
          const verdict = await verdictOf(check);
          [spoilt, current] = [null, null];
          if (hits === 0) continue;
          verdicts.set(spoil, verdict);
          if (verdict.open) passed.push(`${name}, ${call}: ${spoil}`);
        }
        document.push(`## ${name}: ${call}`, '', ...linesOf(verdicts, steady), '');
      }
    }
    expect(passed).toEqual([]);
    await expect(document.join('\n')).toMatchFileSnapshot('bad-answers-hosts.md');
  });
});

describe('a ledger with a bad answer opens no gate', () => {
  const sha = 'b'.repeat(40);
  const row = (body: unknown, over: object = {}): Entry =>
    ({
      ...{ seq: 1, at: '2026-11-24T10:00:00.000Z', kind: 'closed', key: 'd-1/closed', hash: 'x' },
      ...{ deployId: 'd-1', project: 'shop', environment: 'staging', body, ...over },
    }) as Entry;
  const fine = row({ outcome: 'succeeded', sha, release: { id: 'x', sha } });
  const check = (read: () => Promise<Entry[]>) =>
    verdictOf(() =>
      createPreviousGate({ ledger: { read } })({ plan: planFor({ sha }), after: 'staging' }),
    );

  test('and a good one does', async () => {
    expect(await check(async () => [fine])).toMatchObject({ open: true });
  });

  test.each<[string, () => Promise<Entry[]>]>([
    ['nothing', async () => []],
    ['an empty body', async () => [row({})]],
    ['a body that is a text', async () => [row('succeeded')]],
    ['no outcome', async () => [row({ sha })]],
    ['an outcome of another kind', async () => [row({ outcome: true, sha })]],
    ['an outcome that nobody knows', async () => [row({ outcome: 'SUCCEEDED', sha })]],
    ['no commit', async () => [row({ outcome: 'succeeded' })]],
    ['half a commit', async () => [row({ outcome: 'succeeded', sha: sha.slice(0, 20) })]],
    ['a commit of another kind', async () => [row({ outcome: 'succeeded', sha: 7 })]],
    ['another place', async () => [row(fine.body, { environment: 'production' })]],
    ['a row of another kind', async () => [row(fine.body, { kind: 'started' })]],
    ['a release that only began', async () => [row(fine.body, { kind: 'released' })]],
    ['a taken database', () => Promise.reject(transient('the ledger is locked'))],
    ['a full disk', () => Promise.reject(final(failures.misconfigured, 'the ledger is full.'))],
    ['a bug', () => Promise.reject(new TypeError('x is not a function'))],
  ])('%s', async (_, read) => {
    const { open, reasons } = await check(read);
    expect([open, reasons.join('').length > 0]).toEqual([false, true]);
  });
});
