import { execFileSync, spawnSync } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { scanTree } from '../../../activities/gates/scan.ts';

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'plimsoll-keys-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

let made = 0;
const folder = () => {
  const path = join(root, String((made += 1)));
  mkdirSync(path);
  return path;
};
const rulesIn = async (files: Record<string, string | Buffer>) => {
  const directory = folder();
  for (const [name, content] of Object.entries(files))
    writeFileSync(join(directory, name), content);
  return (await scanTree(directory)).findings.map(({ file, rule }) => `${file} ${rule}`);
};
const openssl = (...args: string[]) =>
  execFileSync('openssl', args, { stdio: ['ignore', 'pipe', 'ignore'], maxBuffer: 1e8 });
const has = (program: string) => spawnSync(program, ['--version']).error === undefined;

/** The ways in which openssl makes a private key. */
const byOpenssl: [what: string, args: string[]][] = [
  ['RSA, PKCS 8', ['genpkey', '-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:1024']],
  ['RSA, PKCS 1', ['genrsa', '-traditional', '1024']],
  ...['prime256v1', 'secp256k1', 'secp384r1', 'secp521r1', 'secp224r1', 'brainpoolP256r1'].flatMap(
    (curve): [string, string[]][] => [
      [`${curve}, SEC 1`, ['ecparam', '-name', curve, '-genkey', '-noout']],
      [`${curve} with its parameters`, ['ecparam', '-name', curve, '-genkey']],
      [
        `${curve}, PKCS 8`,
        ['genpkey', '-algorithm', 'EC', '-pkeyopt', `ec_paramgen_curve:${curve}`],
      ],
    ],
  ),
  ...['ED25519', 'ED448', 'X25519', 'X448'].map((name): [string, string[]] => [
    name,
    ['genpkey', '-algorithm', name],
  ]),
  ['RSA, encrypted', ['genrsa', '-aes256', '-passout', 'pass:drawn', '1024']],
  [
    'RSA, encrypted in the old way',
    ['genrsa', '-aes128', '-traditional', '-passout', 'pass:drawn', '1024'],
  ],
  ['Ed25519, encrypted', ['genpkey', '-algorithm', 'ED25519', '-aes256', '-pass', 'pass:drawn']],
];

const inline = (pem: string) => pem.trimEnd().replaceAll('\n', '\\n');
const base64 = (text: string | Buffer) => Buffer.from(text).toString('base64');
const body = (pem: string) =>
  pem
    .split('\n')
    .filter((line) => /^[A-Za-z0-9+/]+=*$/.test(line))
    .join('');

/** The ways in which people write a key in PEM into a file. */
const manners: [what: string, file: string, write: (pem: string) => string][] = [
  ['as it is', 'deploy.pem', (pem) => pem],
  ['with the line ends of Windows', 'deploy.txt', (pem) => pem.replaceAll('\n', '\r\n')],
  ['in JSON', 'a.json', (pem) => JSON.stringify({ key: pem })],
  ['in JSON in JSON', 'a.json', (pem) => JSON.stringify({ a: JSON.stringify({ key: pem }) })],
  ['in a variable', '.env', (pem) => `DEPLOY="${inline(pem)}"\n`],
  ['in YAML', 'a.yaml', (pem) => `deploy: |\n${pem.replaceAll(/^/gm, '    ')}\n`],
  [
    'in strings that are joined',
    'a.js',
    (pem) =>
      `const a = ${pem
        .trimEnd()
        .split('\n')
        .map((line) => `'${line}\\n'`)
        .join(' +\n  ')};`,
  ],
  ['in a template of a string', 'a.ts', (pem) => `export const a = \`${pem}\`;`],
  ['on one line', 'a.properties', (pem) => `private_key=${pem.trimEnd().replaceAll('\n', ' ')}\n`],
  [
    'with both ends of a line',
    'a.js',
    (pem) => `k = '${pem.trimEnd().replaceAll('\n', '\\r\\n')}';`,
  ],
  ['in a comment', 'a.go', (pem) => pem.replaceAll(/^/gm, '// ')],
  ['in base64', 'a.yaml', (pem) => `data:\n  tls: ${base64(pem)}\n`],
  ['in base64 with line ends', 'a.txt', (pem) => base64(pem).replaceAll(/.{76}/g, '$&\n') + '\n'],
  ['in a URL', 'a.txt', (pem) => `https://acme.dev/?key=${encodeURIComponent(pem)}`],
  ['in a form', 'a.http', (pem) => `key=${encodeURIComponent(pem).replaceAll('%20', '+')}`],
  ['in base64 amid other text', 'a.txt', (pem) => base64(`{"a":"b","key":"${inline(pem)}"}`)],
];

describe('a private key', () => {
  test.each(byOpenssl)('of openssl: %s, in every manner of writing', async (_, args) => {
    const pem = openssl(...args).toString();
    expect(pem).toContain('PRIVATE KEY');
    for (const [what, file, write] of manners)
      expect([what, ...(await rulesIn({ [file]: write(pem) }))]).toEqual([
        what,
        `${file} privatekey`,
      ]);
  });

  test.each(byOpenssl.filter(([what]) => !/old way|parameters/.test(what)))(
    'in DER: %s, as bytes, in base64 and in lines of base64',
    async (_, args) => {
      const letters = body(openssl(...args).toString());
      const lines = letters.replaceAll(/.{64}/g, '$&\n');
      const found = await rulesIn({
        'a.env': `SIGNER=${letters}\n`,
        'b.txt': `${lines}\n`,
        'c.js': `const a = "${letters}";`,
        'd.json': JSON.stringify({ signer: lines }),
      });
      expect(found.toSorted()).toEqual(
        ['a.env', 'b.txt', 'c.js', 'd.json'].map((file) => `${file} privatekey`),
      );
      const der = Buffer.from(letters, 'base64');
      expect(await rulesIn({ 'k.der': der, 'l.txt': `key: ${der.toString('hex')}` })).toEqual([
        'k.der privatekey',
        'l.txt privatekey',
      ]);
    },
  );

  test('of openssl, shown as text or in the formats of Microsoft', async () => {
    const pem = join(folder(), 'key.pem');
    writeFileSync(pem, openssl('genrsa', '1024'));
    const shown = openssl('pkey', '-in', pem, '-text', '-noout').toString();
    expect(await rulesIn({ 'key.txt': shown })).toEqual(['key.txt privatekey']);
    const blob = openssl('rsa', '-in', pem, '-outform', 'MSBLOB');
    expect(await rulesIn({ 'key.blob': blob })).toEqual(['key.blob privatekey']);
    const curve = join(folder(), 'ec.pem');
    writeFileSync(curve, openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout'));
    const text = openssl('pkey', '-in', curve, '-text', '-noout').toString();
    expect(await rulesIn({ 'ec.txt': text })).toEqual(['ec.txt privatekey']);
  });

  test('in a store of PKCS 12, as bytes and in base64; a store of certificates is none', async () => {
    const [key, cert, at] = ['key.pem', 'cert.pem', folder()];
    const where = (name: string) => join(at, name);
    openssl(
      ...['req', '-x509', '-newkey', 'rsa:1024', '-nodes', '-subj', '/CN=shop'],
      ...['-keyout', where(key), '-out', where(cert)],
    );
    const both = ['-inkey', where(key), '-in', where(cert), '-passout', 'pass:drawn'];
    const store = openssl('pkcs12', '-export', ...both);
    const trust = openssl('pkcs12', '-export', '-nokeys', '-in', where(cert), '-passout', 'pass:x');
    expect(await rulesIn({ 'a.p12': store, 'b.txt': base64(store) })).toEqual([
      'a.p12 privatekey',
      'b.txt privatekey',
    ]);
    expect(await rulesIn({ 'c.p12': trust, 'cert.pem': readFileSync(where(cert)) })).toEqual([]);
  });

  test.each([
    ['its own format', ['-t', 'ed25519']],
    ['its own format, ECDSA', ['-t', 'ecdsa', '-b', '521']],
    ['its own format, RSA', ['-t', 'rsa', '-b', '1024']],
    ['PEM', ['-t', 'ecdsa', '-m', 'PEM']],
    ['PKCS 8', ['-t', 'rsa', '-b', '1024', '-m', 'PKCS8']],
  ])('of ssh-keygen: %s, plain and encrypted; the public half is none', async (_, args) => {
    for (const phrase of ['', 'drawn-phrase']) {
      const file = join(folder(), 'id');
      execFileSync('ssh-keygen', ['-q', '-N', phrase, '-C', 'me@shop', '-f', file, ...args]);
      const pem = readFileSync(file, 'utf8');
      for (const [what, name, write] of manners)
        expect([what, ...(await rulesIn({ [name]: write(pem) }))]).toEqual([
          what,
          `${name} privatekey`,
        ]);
      expect(await rulesIn({ 'id.pub': readFileSync(`${file}.pub`) })).toEqual([]);
    }
  });

  test.runIf(has('gpg'))('of gpg: armoured, binary, and in its own folder', async () => {
    const home = mkdtempSync('/tmp/pk-');
    const gpg = (...args: string[]) =>
      execFileSync(
        'gpg',
        ['--homedir', home, '--batch', '--pinentry-mode', 'loopback', '--passphrase', '', ...args],
        { stdio: ['ignore', 'pipe', 'ignore'] },
      );
    try {
      for (const [algorithm, ...usage] of [
        ['ed25519', 'sign'],
        ['rsa1024'],
        ['nistp256', 'sign'],
      ]) {
        gpg('--quick-gen-key', `${algorithm} <a@b.c>`, algorithm!, ...usage);
        const armoured = gpg('--armor', '--export-secret-keys', algorithm!).toString();
        expect(await rulesIn({ 'key.asc': armoured, 'a.txt': base64(armoured) })).toEqual([
          'a.txt privatekey',
          'key.asc privatekey',
        ]);
        expect(await rulesIn({ 'p.asc': gpg('--armor', '--export', algorithm!) })).toEqual([]);
        const bytes = gpg('--export-secret-keys', algorithm!);
        expect(await rulesIn({ 'secring.gpg': bytes })).toEqual(['secring.gpg privatekey']);
      }
      const { findings } = await scanTree(join(home, 'private-keys-v1.d'));
      expect(findings.length).toBeGreaterThanOrEqual(3);
      expect(new Set(findings.map(({ rule }) => rule))).toEqual(new Set(['privatekey']));
    } finally {
      spawnSync('gpgconf', ['--homedir', home, '--kill', 'all']);
      rmSync(home, { recursive: true, force: true });
    }
  });

  test.runIf(has('puttygen')).each([
    ['private', []],
    ['private', ['--ppk-param', 'version=2']],
    ['private-openssh', []],
    ['private-openssh-new', []],
    ['private-sshcom', []],
  ])('of puttygen: %s %j', async (format, more) => {
    for (const type of ['rsa', 'ed25519', 'ecdsa']) {
      const at = folder();
      writeFileSync(join(at, 'none'), '');
      const size = { rsa: '1024', ed25519: '255', ecdsa: '256' }[type]!;
      const made = ['-t', type, '-b', size, '-O', format, '-o', join(at, 'key')];
      const quiet = ['--new-passphrase', join(at, 'none'), '-q', ...more];
      if (spawnSync('puttygen', [...made, ...quiet]).status !== 0) continue;
      expect(await rulesIn({ key: readFileSync(join(at, 'key')) })).toEqual(['key privatekey']);
    }
  });

  test.each([2, 3])('in the format of PuTTY, version %d', async (version) => {
    const ppk = [
      `PuTTY-User-Key-File-${version}: ssh-ed25519`,
      'Encryption: none',
      'Comment: eddsa-key-20261201',
      'Public-Lines: 2',
      ...[base64(randomBytes(48)), base64(randomBytes(3))],
      'Private-Lines: 1',
      base64(randomBytes(36)),
      `Private-MAC: ${randomBytes(32).toString('hex')}`,
    ].join('\n');
    expect(await rulesIn({ 'id.ppk': ppk })).toEqual(['id.ppk privatekey']);
  });

  test.each(['rsa', 'ec', 'ed25519', 'x25519'] as const)('in JWK: %s', async (kind) => {
    const pair = {
      rsa: () => generateKeyPairSync('rsa', { modulusLength: 1024 }),
      ec: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
      ed25519: () => generateKeyPairSync('ed25519'),
      x25519: () => generateKeyPairSync('x25519'),
    }[kind]();
    const [jwk, open] = [pair.privateKey, pair.publicKey].map((key) =>
      key.export({ format: 'jwk' }),
    );
    const found = await rulesIn({
      'a.json': JSON.stringify({ keys: [jwk] }, null, 2),
      'b.js': `const key = { ${Object.entries(jwk!)
        .map(([name, value]) => `${name}: '${value}'`)
        .join(', ')} };`,
      'c.env': `JWK='${JSON.stringify(jwk)}'\n`,
      'd.json': JSON.stringify({ key: JSON.stringify(jwk) }),
      'e.json': JSON.stringify({ keys: [open] }),
    });
    expect(found.toSorted()).toEqual(
      ['a.json', 'b.js', 'c.env', 'd.json'].map((file) => `${file} privatekey`),
    );
  });

  test('that is symmetric, in JWK', async () => {
    const k = randomBytes(32).toString('base64url');
    const jwk = JSON.stringify({ kty: 'oct', k, alg: 'HS256' });
    expect(await rulesIn({ 'a.json': jwk, 'b.env': `JWK=${base64(jwk)}` })).toEqual([
      'a.json privatekey',
      'b.env privatekey',
    ]);
  });

  test.each<[string, () => string | Buffer]>([
    [
      'ta.key',
      () =>
        '-----BEGIN OpenVPN Static key V1-----\n' +
        `${randomBytes(256).toString('hex').replaceAll(/.{32}/g, '$&\n')}` +
        '-----END OpenVPN Static key V1-----\n',
    ],
    [
      'minisign.txt',
      () =>
        `untrusted comment: minisign encrypted secret key\nRWRTY0Iy${base64(randomBytes(152))}\n`,
    ],
    ['signify.sec', () => `untrusted comment: secret key\nRWRCSw${base64(randomBytes(100))}\n`],
    [
      'hs_ed25519',
      () => Buffer.concat([Buffer.from('== ed25519v1-secret: type0 ==\0\0\0'), randomBytes(64)]),
    ],
  ])('of other programs: %s', async (file, content) => {
    expect(await rulesIn({ [file]: content() })).toEqual([`${file} privatekey`]);
  });

  test('without its last line is found: the rest is whole', async () => {
    const pem = openssl('genpkey', '-algorithm', 'ED25519').toString();
    const cut = pem.split('\n').slice(0, 2).join('\n');
    expect(await rulesIn({ 'a.txt': cut })).toEqual(['a.txt privatekey']);
  });
});

describe('no private key', () => {
  const first = '-----BEGIN ' + 'PRIVATE KEY-----';
  const last = '-----END ' + 'PRIVATE KEY-----';
  const pem = () =>
    openssl('genpkey', '-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:1024').toString();
  test.each<[string, () => string]>([
    [
      'a placeholder',
      () => `${first}\nyour private key goes here, all of it, on several lines\n${last}\n`,
    ],
    ['dots', () => `KEY="${first}\\n...\\n${last}\\n"`],
    ['letters of a placeholder', () => `${first}\n${'x'.repeat(64)}\n${last}\n`],
    ['the first line of a key', () => `${pem().split('\n').slice(0, 2).join('\n')}\n${last}\n`],
    [
      'its first line and an ellipsis',
      () => `${pem().split('\n').slice(0, 2).join('\n')}\n…\n${last}\n`,
    ],
    [
      'the marks alone',
      () => `if (text.startsWith('${first}') && text.endsWith('${last}')) read(text);`,
    ],
    [
      'a public key',
      () =>
        generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }) as string,
    ],
    ['random base64', () => `"${base64(randomBytes(600))}"`],
    [
      'a JWK without its private part',
      () => JSON.stringify(generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' })),
    ],
  ])('%s', async (_, text) => {
    expect(await rulesIn({ 'a.txt': text() })).toEqual([]);
  });
});

test('a file whose name is no UTF-8 is read as well', async () => {
  const directory = folder();
  const name = Buffer.concat([Buffer.from(`${directory}/`), Buffer.from([0x66, 0xfc, 0x72])]);
  writeFileSync(name, openssl('genpkey', '-algorithm', 'ED25519'));
  const { findings, crashedRules, filesScanned } = await scanTree(directory);
  expect({ crashedRules, filesScanned }).toEqual({ crashedRules: [], filesScanned: 1 });
  expect(findings).toMatchObject([{ file: 'f\ufffdr', line: 1, rule: 'privatekey' }]);
});

test.each<[string, string]>([
  ['first lines of keys', `-----BEGIN ${'PRIVATE KEY'}-----\n`],
  ['types of JWK', '{"kty":"RSA",'],
  ['lines that begin as a key in DER', `MIJ/${'b'.repeat(60)}\n`],
  ['first lines in URLs', `-----BEGIN%20${'PRIVATE%20KEY'}-----%0A`],
  ['hexadecimal digits', '3082010a'.repeat(20) + ' '],
  ['headers of PuTTY', 'PuTTY-User-Key-File-2: '],
  ['veiled marks', 'UFJJVkFURSBLRVkt'],
  ['passwords of words', `password="${'pass'.repeat(15)}\u00a7"\n`],
])('a megabyte of %s is read in seconds', async (_, part) => {
  const from = performance.now();
  await rulesIn({ 'a.txt': part.repeat(1e6 / part.length) });
  expect(performance.now() - from).toBeLessThanOrEqual(20_000);
});
