import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canonicalJson } from '../../../domain/lib/canonical.ts';
import { namespaces } from '../../../domain/deploy/wire.ts';
import { clicked, decisionOn, publicKey, signed, signText } from '../forgery.ts';
import type { World } from '../forgery.ts';
import type { Edit } from '../unguarded.ts';
import { form, off, tampered } from './attack.ts';
import type { Attack, Form } from './attack.ts';

const file = 'activities/approval/signatures/signatures.ts';

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

/** A signature in which a line of key options stands in the place of the public key. */
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

const pgp = '-----BEGIN PGP SIGNATURE-----\nU1NI\n-----END PGP SIGNATURE-----\n';
const notConfigured = (whose: string, person = 'this person') =>
  `the signature is not ${whose}: it was made with a key that is not configured for ${person}`;
const ofOlga = (one: Form): Form => ({ ...one, why: () => notConfigured("olga's") });
const madeFor = (namespace: string, how: Form['send']): Form => ({
  name: `made for ${namespace}`,
  send: how,
  why: () =>
    `the signature is not nina's: it was made for "${namespace}", not for "plimsoll-approval@v1"`,
});

/** An edit that accepts any key as a key of the named person. */
const anyKey: Edit = [
  file,
  'const own = known.filter(({ publicKey }) => publicKey === embedded.publicKey);',
  'const own = known.slice(0, 1).map((one) => ({ ...one, publicKey: embedded.publicKey }));',
];
const withoutOption = (option: string): Edit => [
  'activities/approval/signatures/key-line.ts',
  'const all = [`namespaces="${namespace}"`, ...options].join(\',\');',
  `const all = options.filter((one) => !one.startsWith('${option}')).join(',') || 'namespaces="*"';`,
];

export const ofTheSignature: Attack[] = [
  {
    name: 'unsigned',
    why: "the signature is not nina's: it is not an SSH signature",
    guard: [
      [
        file,
        "return no('it is not an SSH signature')",
        "return { ok: true, keyType: 'none', touch: false }",
      ],
    ],
    forms: [
      { name: 'an empty signature', send: (world) => ({ ...signed(world), signature: '' }) },
      { name: 'one of another kind', send: (world) => ({ ...signed(world), signature: pgp }) },
      { name: 'its key is a line of options', send: withOptions },
    ],
  },
  {
    name: 'signed by somebody else',
    why: notConfigured("nina's"),
    guard: [anyKey],
    forms: [
      form("by an author in nina's name", {}, { by: 'robin' }),
      form("by the requester in nina's name", {}, { by: 'morgan' }),
      form("by the bridge in nina's name", {}, { by: 'bridge' }),
      { name: 'with a certificate instead of the key', send: withCertificate },
      ofOlga(form('by nina in another name', { approver: 'olga' })),
      ofOlga(tampered('its name replaced', {}, { approver: 'olga' })),
      {
        name: "a click that nina's own key signed",
        send: (world) => clicked(world, {}, { by: 'nina' }),
        why: () => notConfigured("the Slack bridge's", 'the bridge'),
      },
    ],
  },
  {
    name: 'changed after it was signed',
    why: "the signature is not nina's: the ssh-ed25519 signature does not match the signed content",
    guard: [
      [file, 'if (exitCode === 0)', 'if (exitCode === 0 || !/expired|not yet/.test(stderr))'],
    ],
    forms: [
      tampered('a no turned round', { decision: 'reject' }, { decision: 'approve' }),
      tampered('its nonce replaced', {}, { nonce: 'f'.repeat(32) }),
      {
        name: 'this plan under a signature for another',
        send: (world) => {
          const genuine = signed(world, { subjectDigest: 'e'.repeat(64) });
          const { digest: subjectDigest } = world.sealed;
          return { ...genuine, decision: { ...genuine.decision, subjectDigest } };
        },
      },
      {
        name: 'signed as JSON that is not canonical',
        send: ({ sealed, keys }) => {
          const decision = decisionOn(sealed);
          return { decision, signature: signText(JSON.stringify(decision, null, 2), keys.nina) };
        },
      },
    ],
  },
  {
    name: 'made for something else',
    why: '',
    guard: [
      off(file, 'embedded.namespace !== namespace'),
      [
        file,
        'ask(program, payload, { signature, namespace, keys: own, at })',
        'ask(program, payload, { signature, namespace: embedded.namespace, keys: own, at })',
      ],
    ],
    forms: [
      madeFor(namespaces.request, (world) => signed(world, {}, { namespace: namespaces.request })),
      madeFor(namespaces.slack, (world) => signed(world, {}, { namespace: namespaces.slack })),
      madeFor('git', (world) => signed(world, {}, { namespace: 'git' })),
    ],
  },
  {
    name: 'by a revoked key',
    why: ({ keys }) => `the signature is not olga's: its key ${fingerprint(keys.lost)} is revoked`,
    guard: [off(file, 'await isRevoked(key, revoked, program)')],
    forms: [form('that olga lost', { approver: 'olga' }, { by: 'lost' })],
  },
  {
    name: 'by a key that ran out',
    why: "the signature is not pete's: its key expired at 2020-01-01T00:00:00",
    guard: [withoutOption('valid-before')],
    forms: [form("pete's old one", { approver: 'pete' }, { by: 'pete' })],
  },
  {
    name: 'by a key that is not valid yet',
    why: "the signature is not quin's: its key is not valid before 2099-01-01T00:00:00",
    guard: [withoutOption('valid-after')],
    forms: [form("quin's next one", { approver: 'quin' }, { by: 'quin' })],
  },
];

const fingerprint = (path: string) =>
  execFileSync('ssh-keygen', ['-lf', `${path}.pub`], { encoding: 'utf8' }).split(' ')[1] ?? '';
