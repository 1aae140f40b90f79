import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canonicalJson } from '../../domain/canonical.ts';
import { namespaces } from '../../domain/messages.ts';
import type { Decision } from '../../domain/schema.ts';
import { decisionOn, publicKey, signed, signText } from './forgery.ts';
import type { Who, World } from './forgery.ts';

export type Attack = {
  name: string;
  send(world: World): unknown;
  why: string | ((world: World) => string);
};

const otherSha = 'c'.repeat(40);
const otherDigest = 'e'.repeat(64);
const past = '2026-01-01T00:00:00.000Z';
const future = '2099-01-01T00:00:00.000Z';
const notHers =
  "the signature is not nina's: it was made with a key that is not configured for this person";
const notFitting =
  "the signature is not nina's: the ssh-ed25519 signature does not fit what was signed";
const noDecision = (where: string, what: string) =>
  `it is not a signed decision: ${where}: ${what}`;
const alone =
  (who: string, what: string) =>
  ({ sealed: { plan } }: World) =>
    `${who} ${what} and does not approve it alone; ask ${plan.rule.eligible.join(' or ')}`;
const about = (subject: string) => `it is about "${subject}", and "ship" was asked`;
const self = (name: string, by: Who, what: string): Attack => ({
  name,
  send: (world) => signed(world, { approver: by }, { by }),
  why: alone(by, what),
});
const field = (name: string, change: Partial<Decision>, why: Attack['why']): Attack => ({
  name,
  send: (world) => signed(world, change),
  why,
});
const changed = (
  name: string,
  from: Partial<Decision>,
  to: Partial<Decision>,
  why: string,
): Attack => ({
  name,
  send: (world) => {
    const genuine = signed(world, from);
    return { ...genuine, decision: { ...genuine.decision, ...to } };
  },
  why,
});
const shape = (name: string, send: Attack['send'], why: Attack['why']): Attack => ({
  name,
  send,
  why,
});

function withCertificate({ keys, sealed }: World) {
  const directory = mkdtempSync(join(tmpdir(), 'plimsoll-cert-'));
  const own = join(directory, 'nina');
  copyFileSync(keys.nina, own);
  copyFileSync(`${keys.nina}.pub`, `${own}.pub`);
  execFileSync('ssh-keygen', ['-q', '-s', keys.mallory, '-I', 'nina', '-n', 'nina', `${own}.pub`]);
  copyFileSync(own, `${own}-cert`);
  const decision = decisionOn(sealed);
  return { decision, signature: signText(canonicalJson(decision), `${own}-cert.pub`) };
}

/** The public key that the armor claims is a line of options. */
function withOptions(world: World) {
  const genuine = signed(world, {}, { by: 'mallory' });
  const [head, ...rest] = genuine.signature.trim().split('\n');
  const blob = Buffer.from(rest.slice(0, -1).join(''), 'base64');
  const options = Buffer.from(
    `signer cert-authority,namespaces="*" ${publicKey(world.keys.mallory)}`,
  );
  const length = Buffer.alloc(4);
  length.writeUInt32BE(options.length);
  const after = blob.subarray(14 + blob.readUInt32BE(10));
  const lied = Buffer.concat([blob.subarray(0, 10), length, options, after]).toString('base64');
  return { ...genuine, signature: `${head}\n${lied}\n${rest.at(-1)}\n` };
}

const polluted = (world: World): unknown => {
  const text = JSON.stringify(signed(world, {}, { by: 'mallory' }));
  return JSON.parse(text.replace('{"decision":{', '{"decision":{"__proto__":{"approver":"nina"},'));
};

/** What anybody with access to the namespace can send, and what is said of it. */
export const attacks: Attack[] = [
  shape(
    'text',
    () => 'approved',
    noDecision('the message', 'Invalid input: expected object, received string'),
  ),
  shape(
    'nothing',
    () => null,
    noDecision('the message', 'Invalid input: expected object, received null'),
  ),
  shape(
    'a list',
    () => [1, 2],
    noDecision('the message', 'Invalid input: expected object, received array'),
  ),
  shape(
    'the JSON pasted as a text',
    (world) => JSON.stringify(signed(world)),
    noDecision('the message', 'Invalid input: expected object, received string'),
  ),
  shape(
    'without the field of the signature',
    (world) => ({ decision: decisionOn(world.sealed) }),
    noDecision('signature', 'Invalid input: expected string, received undefined'),
  ),
  shape(
    'a megabyte',
    (world) => ({ ...signed(world), signature: 'x'.repeat(1_000_000) }),
    noDecision('signature', 'Too big: expected string to have <=8192 characters'),
  ),
  shape(
    'one field more',
    (world) => ({ ...signed(world), admin: true }),
    noDecision('the message', 'Unrecognized key: "admin"'),
  ),
  shape('keys of the prototype', polluted, noDecision('decision', 'Unrecognized key: "__proto__"')),
  field(
    'a name that only looks alike',
    { approver: 'n\u0456na' },
    noDecision('decision.approver', 'use letters, digits, ".", "_" or "-", at most 63'),
  ),
  field(
    'another verdict',
    { decision: 'APPROVE' as 'approve' },
    noDecision('decision.decision', 'Invalid option: expected one of "approve"|"reject"'),
  ),
  shape(
    'unsigned',
    (world) => ({ ...signed(world), signature: '' }),
    "the signature is not nina's: it is not an SSH signature",
  ),
  shape(
    'a signature of another kind',
    (world) => ({
      ...signed(world),
      signature: '-----BEGIN PGP SIGNATURE-----\nU1NI\n-----END PGP SIGNATURE-----\n',
    }),
    "the signature is not nina's: it is not an SSH signature",
  ),
  field(
    'for another commit',
    { sha: otherSha },
    ({ sealed }) => `it is for commit cccccccccccc, not ${sealed.plan.sha.slice(0, 12)}`,
  ),
  field(
    'for another project',
    { project: 'blog' },
    ({ sealed }) => `it is for the project blog, not ${sealed.plan.project}`,
  ),
  field(
    'for another environment',
    { environment: 'staging' },
    ({ sealed }) => `it is for staging, not ${sealed.plan.environment}`,
  ),
  field(
    'for another deploy',
    { deployId: 'd-000000000000' },
    ({ sealed }) =>
      `it is for another deploy (d-000000000000); this one is ${sealed.plan.deployId}`,
  ),
  field(
    'for another plan',
    { subjectDigest: otherDigest },
    ({ sealed }) =>
      `it is for another plan (digest eeeeeeeeeeee); this one is ${sealed.digest.slice(0, 12)}`,
  ),
  field('run out', { notAfter: past }, `it came too late: it ran out at ${past}`),
  field(
    'made to last',
    { notAfter: future },
    ({ sealed }) => `it runs until ${future}; the plan says ${sealed.plan.notAfter}`,
  ),
  field('to keep', { subject: 'keep' }, about('keep')),
  field('to lift', { subject: 'lift' }, about('lift')),
  field('to waive', { subject: 'waive' }, about('waive')),
  field('to stop the line', { subject: 'stop' }, about('stop')),
  field('to lift a stop', { subject: 'resume' }, about('resume')),
  field('of a first deploy', { subject: 'first' }, about('first')),
  shape(
    'by an agent',
    (world) => signed(world, { approver: 'casey' }, { by: 'casey' }),
    'casey is an agent: it may request, never approve',
  ),
  shape(
    'by nobody known',
    (world) => signed(world, { approver: 'eve' }, { by: 'eve' }),
    'eve is not a configured approver',
  ),
  shape(
    'by an approver of the shipped plimsoll.yaml',
    (world) => signed(world, { approver: 'mallory' }, { by: 'mallory' }),
    'mallory is not a configured approver',
  ),
  field('a name in other letters', { approver: 'Nina' }, 'Nina is not a configured approver'),
  field(
    'a name from the prototype',
    { approver: 'constructor' },
    'constructor is not a configured approver',
  ),
  shape(
    "under nina's name by somebody else",
    (world) => signed(world, {}, { by: 'robin' }),
    notHers,
  ),
  shape(
    "under nina's name by the requester",
    (world) => signed(world, {}, { by: 'morgan' }),
    notHers,
  ),
  field('under another name by nina', { approver: 'olga' }, notHers.replace('nina', 'olga')),
  shape('a certificate instead of the key', withCertificate, notHers),
  shape(
    'a key with options',
    withOptions,
    "the signature is not nina's: it is not an SSH signature",
  ),
  changed('its name replaced', {}, { approver: 'olga' }, notHers.replace('nina', 'olga')),
  changed('a no turned round', { decision: 'reject' }, { decision: 'approve' }, notFitting),
  changed('a nonce replaced', {}, { nonce: 'f'.repeat(32) }, notFitting),
  shape(
    'this plan under a signature for another',
    (world) => {
      const genuine = signed(world, { subjectDigest: otherDigest });
      return { ...genuine, decision: { ...genuine.decision, subjectDigest: world.sealed.digest } };
    },
    notFitting,
  ),
  shape(
    'over JSON that is not canonical',
    ({ sealed, keys }) => {
      const decision = decisionOn(sealed);
      return { decision, signature: signText(JSON.stringify(decision, null, 2), keys.nina) };
    },
    notFitting,
  ),
  shape(
    'made for a request',
    (world) => signed(world, {}, { namespace: namespaces.request }),
    `the signature is not nina's: it was made for "plimsoll-request@v1", not for "plimsoll-approval@v1"`,
  ),
  shape(
    'made for a commit of git',
    (world) => signed(world, {}, { namespace: 'git' }),
    `the signature is not nina's: it was made for "git", not for "plimsoll-approval@v1"`,
  ),
  self('by the requester', 'morgan', 'requested this deploy'),
  self('by the author', 'robin', 'wrote what is shipped'),
  self('by the committer', 'kim', 'wrote what is shipped'),
  self('by a co-author', 'lee', 'wrote what is shipped'),
  shape(
    'by a revoked key',
    (world) => signed(world, { approver: 'olga' }, { by: 'lost' }),
    ({ keys }: World) =>
      `the signature is not olga's: its key ${fingerprint(keys.lost)} is revoked`,
  ),
  shape(
    'by a key that ran out',
    (world) => signed(world, { approver: 'pete' }, { by: 'pete' }),
    "the signature is not pete's: its key ran out at 2020-01-01T00:00:00",
  ),
  shape(
    'by a key that is not valid yet',
    (world) => signed(world, { approver: 'quin' }, { by: 'quin' }),
    "the signature is not quin's: its key is not valid before 2099-01-01T00:00:00",
  ),
];

const fingerprint = (path: string) =>
  execFileSync('ssh-keygen', ['-lf', `${path}.pub`], { encoding: 'utf8' }).split(' ')[1] ?? '';

export const whyOf = ({ why }: Attack, world: World) =>
  typeof why === 'string' ? why : why(world);
