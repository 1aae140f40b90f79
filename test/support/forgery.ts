import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canonicalJson } from '../../domain/lib/canonical.ts';
import { namespaces } from '../../domain/deploy/wire.ts';
import type { SealedPlan } from '../../domain/deploy/plan.ts';
import type { Decision } from '../../domain/config/config.ts';

/**
 * morgan requested the deploy. robin wrote its commit, kim committed it, and lee and morgan are its
 * co-authors. nina neither requested the deploy nor wrote the commit.
 */
const approvers = ['morgan', 'robin', 'kim', 'lee', 'nina', 'olga', 'pete', 'quin'] as const;
/**
 * casey is an agent. mallory is an approver only in the plimsoll.yaml of the commit. eve is listed
 * nowhere. `lost` is a revoked key of olga. zoe is an approver only in some tests. `bridge` is the
 * key that signs clicks.
 */
const everybody = [
  ...approvers,
  ...(['casey', 'mallory', 'eve', 'lost', 'zoe', 'bridge'] as const),
] as const;
export type Who = (typeof everybody)[number];

export type World = {
  sealed: SealedPlan;
  /**
   * The path of each private key. The public key is in the same directory, with the ending .pub.
   */
  keys: Record<Who, string>;
};

/** The Slack member ids of the people who use Slack. */
export const members = { nina: 'U0NINA', morgan: 'U0MORGAN', robin: 'U0ROBIN' } as const;

/** How the plan under attack differs from the ordinary plan. */
export type Place = {
  writtenBy?: 'a bot';
  /**
   * zoe became an approver after the plan was made: the configuration lists her, but the plan does
   * not.
   */
  planned?: 'before zoe';
  approvers?: 2;
  noReturn?: string;
  slack?: 'never' | undefined;
};

export const publicKey = (path: string) => readFileSync(`${path}.pub`, 'utf8').trim();

export function makeKeys(): World['keys'] {
  const directory = mkdtempSync(join(tmpdir(), 'plimsoll-people-'));
  process.on('exit', () => rmSync(directory, { recursive: true, force: true }));
  const make = (name: Who) => {
    const path = join(directory, name);
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', path]);
    return [name, path] as const;
  };
  return Object.fromEntries(everybody.map(make)) as World['keys'];
}

/**
 * The parts of plimsoll.yaml about people. olga's old key is revoked, pete's key has expired, and
 * quin's key is not valid yet.
 */
export function peopleOf(keys: World['keys']) {
  const person = (name: Who, ...more: string[]) => ({
    keys: [publicKey(keys[name]), ...more],
    emails: [`${name}@example.com`],
    ...(name in members ? { slack: members[name as keyof typeof members] } : {}),
  });
  const limited = (name: Who, limit: string) => ({
    ...person(name),
    keys: [`${limit} ${publicKey(keys[name])}`],
  });
  return {
    approvers: {
      ...Object.fromEntries(approvers.map((name) => [name, person(name)])),
      olga: person('olga', publicKey(keys.lost)),
      pete: limited('pete', 'valid-before="20200101"'),
      quin: limited('quin', 'valid-after="20990101"'),
    },
    requesters: { casey: person('casey') },
    revoked: [publicKey(keys.lost)],
  };
}

export const nonce = () => randomBytes(16).toString('hex');

export function signText(text: string, keyPath: string, namespace: string = namespaces.approval) {
  return execFileSync('ssh-keygen', ['-q', '-Y', 'sign', '-n', namespace, '-f', keyPath], {
    input: text,
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'ignore'],
  });
}

export function decisionOn({ plan, digest }: SealedPlan, change: Partial<Decision> = {}): Decision {
  const { deployId, project, environment, sha, notAfter } = plan;
  const place = { deployId, project, environment, sha, notAfter };
  const about = { subject: 'deploy', subjectDigest: digest, decision: 'approve' } as const;
  return { ...about, ...place, approver: 'nina', nonce: nonce(), ...change };
}

export type Signing = { by?: Who; namespace?: string };

/** A signed approval. nina is the approver and the signer, unless the arguments change that. */
export function signed(world: World, change: Partial<Decision> = {}, how: Signing = {}) {
  const decision = decisionOn(world.sealed, change);
  const signature = signText(canonicalJson(decision), world.keys[how.by ?? 'nina'], how.namespace);
  return { decision, signature };
}

type Slack = NonNullable<Decision['via']>['slack'];

/** An approval by a click. nina clicked and the bridge signed, unless the arguments change that. */
export function clicked(
  world: World,
  how: Partial<Slack> = {},
  { approver = 'nina', by = 'bridge' }: { approver?: string; by?: Who } = {},
) {
  const action = (Date.now() / 1000).toFixed(6);
  const place = { channel: 'D0NINA', message: '1700000000.000100', action };
  const via = { slack: { user: members.nina, team: 'T0SANDBOX', ...place, ...how } };
  return signed(world, { approver, via }, { by, namespace: namespaces.slack });
}
