import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { warrantFor } from '../../activities/authority/warrant.ts';
import { sealDigest } from '../../activities/lib/seal-digest.ts';
import { publicSealKeyText } from '../../activities/lib/seal-key.ts';
import { createSeals } from '../../activities/lib/seals.ts';
import { checkSeal, checkShownSeal, judgeSnapshot } from '../../client/session/check-seal.ts';
import type { Plan, SealedPlan } from '../../domain/deploy/plan.ts';
import type { DeploySnapshot } from '../../domain/deploy/snapshot.ts';
import { makeKeyFile, sealKeyPath } from '../../worker/seal/key-file.ts';
import { knownKeys } from '../../worker/seal/known-keys.ts';
import { openSeals, publicSealKeys } from '../../worker/seal/open-seals.ts';
import { whyNotSealed } from '../../worker/seal/verify-plan.ts';
import { recordedIo } from '../support/io.ts';
import { openGate, planFor } from '../support/plan.ts';
import { unguarded } from '../support/unguarded.ts';
import type { Edit } from '../support/unguarded.ts';
import { configText } from '../worker/doctor/doctor-fixture.ts';

/**
 * Whoever may write to Temporal can start a workflow that shows any plan with a right digest. The
 * CLI of an approver must not ask for a signature under a plan that no worker made.
 */

const pair = () => generateKeyPairSync('ed25519');
const workers = pair();
const known = { keys: [publicSealKeyText(workers.publicKey)], from: 'plimsoll.yaml' };

function sealedBy(
  key: ReturnType<typeof pair>,
  changes: Partial<Plan> = {},
  purpose: 'deploy' | 'plan' = 'deploy',
): SealedPlan {
  const plan = planFor(changes);
  const gates = [openGate('tests', 'checked')];
  const digest = sealDigest(plan, gates);
  const now = Date.parse('2026-01-01T00:00:00Z');
  const facts = { plan, digest, runId: 'run', now, epoch: now, purpose };
  const warrant = warrantFor(createSeals(key.privateKey), facts);
  return { plan: { ...plan, warrant }, gates, digest };
}

/** The plan of the workers, with one changed field and the digest that belongs to the change. */
function changed(key: string): SealedPlan {
  const { plan, gates } = sealedBy(workers);
  const value = (plan as unknown as Record<string, unknown>)[key];
  const other = typeof value === 'string' ? `${value}x` : { changed: value ?? null };
  const lie = { ...plan, [key]: Array.isArray(value) ? [...value, { sha: 'x' }] : other } as Plan;
  return { plan: lie, gates, digest: sealDigest(lie, gates) };
}

const session = { address: '127.0.0.1:7233', namespace: 'default' };
const refusal = (sealed: SealedPlan, env: NodeJS.ProcessEnv) =>
  checkSeal(recordedIo({ env }), session, sealed).catch((cause: Error) => cause.message);

describe('a plan that no worker sealed is not signed', () => {
  const genuine = sealedBy(workers);
  const env = { PLIMSOLL_SEAL_PUBLIC: known.keys.join(' ') };

  test('the genuine plan is signed', async () => {
    expect(whyNotSealed(known, genuine)).toBeNull();
    expect(await refusal(genuine, env)).toBe(
      'A worker sealed this plan: checked with the public key in PLIMSOLL_SEAL_PUBLIC.',
    );
  });

  const fields = Object.keys(planFor()).filter((key) => key !== 'live');
  test.each(fields)('the plan with another %s', (key) => {
    expect(whyNotSealed(known, changed(key))).toBe('its plan was changed after a worker sealed it');
  });

  test('a plan without a seal, and one that a stranger sealed', async () => {
    const { warrant: _, ...bare } = genuine.plan;
    expect(whyNotSealed(known, { ...genuine, plan: bare })).toBe('it has no sealed warrant');
    const message = await refusal(sealedBy(pair()), env);
    expect(message.replace(/[\w-]{16},/, 'KEY,')).toBe(
      `No worker sealed the plan of gateway production: its warrant is not valid: it is sealed with the key KEY, which is not in PLIMSOLL_SEAL_PUBLIC. Nothing was signed.
The known public keys are in PLIMSOLL_SEAL_PUBLIC. If the workers have a new key, add the new key there. On the machine of a worker, this command prints the key: plimsoll seal
If they have no new key, somebody with access to Temporal wrote this plan: docs/security.md#a-worker-refused-a-step`,
    );
  });

  test('the plan with another live release', () => {
    const why = 'its digest is not the digest that a worker sealed';
    expect(whyNotSealed(known, changed('live'))).toBe(why);
  });

  test('the plan with gates that nobody checked', () => {
    const gates = [openGate('tests', 'checked'), openGate('secrets', 'checked')];
    const lie = { ...genuine, gates, digest: sealDigest(genuine.plan, gates) };
    expect(whyNotSealed(known, lie)).toBe('its digest is not the digest that a worker sealed');
  });

  const file = 'worker/seal/verify-plan.ts';
  const whole: Edit = ['activities/authority/warrant.ts', '=== read.warrant.planHash', '!== null'];
  const digest: Edit = [file, 'read.warrant.digest !== digest', 'false'];
  const again: Edit = [file, 'sealDigest(plan, gates) === digest', 'true'];
  const unchecked = { ...genuine, gates: [openGate('secrets', 'checked')] };
  test.each<[string, Edit[], SealedPlan]>([
    ['the hash of the plan', [whole, again], { ...changed('reason'), digest: genuine.digest }],
    ['the digest', [digest], { ...unchecked, digest: sealDigest(genuine.plan, unchecked.gates) }],
    ['the facts of the digest', [again], unchecked],
  ])('without the check of %s, the attack succeeds', async (_, guards, lie) => {
    expect(whyNotSealed(known, lie)).not.toBeNull();
    const { whyNotSealed: unsafe } = await unguarded(guards).load<{
      whyNotSealed: typeof whyNotSealed;
    }>(file);
    expect(unsafe(known, lie)).toBeNull();
  });
});

describe('a plan that no worker sealed is not shown as genuine', () => {
  const io = recordedIo({ env: { PLIMSOLL_SEAL_PUBLIC: known.keys.join(' ') } });
  const genuine = sealedBy(workers);
  const judge = async (sealed: SealedPlan | null, reported?: SealedPlan) => {
    const snapshot = { sealed, status: reported ? { sealed: reported } : null };
    return await judgeSnapshot(io, session, snapshot as DeploySnapshot);
  };

  test('by status, whether the memo or a worker of a stranger reports it', async () => {
    expect(await judge(null)).toBeNull();
    expect(await judge(genuine)).toMatchObject({ checked: true, forged: false });
    const live = { ...genuine, plan: { ...genuine.plan, live: [] } };
    expect(await judge(genuine, live)).toMatchObject({ forged: false });
    expect(await judge(changed('reason'))).toMatchObject({ forged: true });
    expect(await judge(genuine, changed('reason'))).toMatchObject({ forged: true });
    const gates = [openGate('secrets', 'never checked')];
    expect((await judge({ ...genuine, gates }))?.line).toMatch(
      /^No worker sealed the plan of gateway production: its facts do not match its digest\. Do not trust the state above\.\n/,
    );
  });

  test('by plan, and a plan to deploy is no plan to show', async () => {
    const shown = sealedBy(workers, {}, 'plan');
    expect(await checkShownSeal(io, session, shown)).toMatch(
      /^A worker sealed this plan: checked /,
    );
    for (const other of [genuine, sealedBy(pair(), {}, 'plan')])
      await expect(checkShownSeal(io, session, other)).rejects.toMatchObject({ exitCode: 4 });
    await expect(checkSeal(io, session, shown)).rejects.toThrow('sealed it for another purpose');
  });
});

describe('the public keys that a client knows', () => {
  const directory = mkdtempSync(join(tmpdir(), 'known-keys-'));
  const yaml = (name: string, top: Record<string, unknown>) => {
    const path = join(directory, name);
    writeFileSync(path, configText({ top }));
    return path;
  };
  const seal = { key: 'env:S', public: known.keys };
  const env = { XDG_DATA_HOME: join(directory, 'data') };
  const other = publicSealKeyText(pair().publicKey);

  test('come from the variable first, then from plimsoll.yaml', async () => {
    const configPath = yaml('listed.yaml', { seal });
    expect(await knownKeys({ env, configPath, local: false })).toEqual({
      keys: known.keys,
      from: configPath,
    });
    const PLIMSOLL_SEAL_PUBLIC = ` ${other}, ${known.keys[0]}\n`;
    expect(
      await knownKeys({ env: { ...env, PLIMSOLL_SEAL_PUBLIC }, configPath, local: false }),
    ).toEqual({ keys: [other, known.keys[0]], from: 'PLIMSOLL_SEAL_PUBLIC' });
  });

  test('come from the key file only if the workers may be on this machine', async () => {
    const configPath = yaml('file.yaml', {});
    expect(await knownKeys({ env, configPath, local: true })).toBeNull();
    const path = sealKeyPath({ sandbox: true }, env);
    await makeKeyFile(path);
    const { valid } = await publicSealKeys({ sandbox: true }, env);
    expect(await knownKeys({ env, configPath, local: true })).toEqual({ keys: valid, from: path });
    expect(await knownKeys({ env, configPath, local: false })).toBeNull();
    const seals = await openSeals({ sandbox: true }, { env });
    expect(seals.seal('plan', 1)).toBeTruthy();
  });

  test('are unknown without a list, without a file, and with a file that cannot be read', async () => {
    const short = yaml('short.yaml', { seal: 'env:S' });
    const broken = yaml('broken.yaml', { seal: 'S' });
    for (const configPath of [short, broken, join(directory, 'none.yaml')])
      expect(await knownKeys({ env, configPath, local: false })).toBeNull();
    expect(await refusal(sealedBy(pair()), {})).toBe(
      `Not checked: whether a worker sealed this plan, because this machine does not know the workers' public key.
To check it from now on, set PLIMSOLL_SEAL_PUBLIC to the public key. On the machine of a worker, this command prints the key: plimsoll seal`,
    );
  });

  test('must be keys', async () => {
    expect(await refusal(sealedBy(workers), { PLIMSOLL_SEAL_PUBLIC: 'ssh-ed25519' })).toBe(
      `PLIMSOLL_SEAL_PUBLIC must contain the public keys of the workers, with a space between two keys. Nothing was done.
On the machine of a worker, this command prints the keys: plimsoll seal`,
    );
  });
});
