import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { findSecrets } from '../../../activities/gates/secrets/lint.ts';
import { corpus, drawing } from './secrets-corpus.ts';

/**
 * The seed of the fake secrets. The test prints the seed. To repeat a run, set SECRETS_SEED to this
 * number.
 */
const seed = Number(process.env['SECRETS_SEED'] ?? 20261124);

describe(`with SECRETS_SEED=${seed}`, () => {
  const planted = corpus(seed);

  test('of the keys of every issuer, in every manner of writing, at least 97 % are found', async () => {
    const missed: string[] = [];
    for (const { what, file, text } of planted)
      if ((await findSecrets(text, file)).length === 0) missed.push(what);
    console.log(
      `seed ${seed}: ${planted.length - missed.length} of ${planted.length} found`,
      missed,
    );
    expect(1 - missed.length / planted.length).toBeGreaterThanOrEqual(0.97);
  });

  test('in a binary at least 97 % of the keys that tell their issuer are found', async () => {
    const named = corpus(seed).filter(({ isNamed }) => isNamed);
    for (const wide of [false, true]) {
      const missed: string[] = [];
      for (const { what, text } of named) {
        const kept = Buffer.from(text, wide ? 'utf16le' : 'utf8').toString('latin1');
        if ((await findSecrets(`\u0001\0${kept}\0`, 'a.bin', 'binary')).length === 0)
          missed.push(what);
      }
      expect(named.length).toBeGreaterThan(200);
      expect(1 - missed.length / named.length).toBeGreaterThanOrEqual(0.97);
    }
  });

  test('every issuer is known in every manner', async () => {
    const kinds = Map.groupBy(planted, ({ what }) => what.split(' in ')[0] ?? what);
    const unknown: string[] = [];
    for (const [kind, all] of kinds) {
      const found = await Promise.all(all.map(({ file, text }) => findSecrets(text, file)));
      if (found.filter((one) => one.length > 0).length < 0.75 * all.length) unknown.push(kind);
    }
    expect(unknown).toEqual([]);
  });

  test('no value is shown', async () => {
    for (const { file, text, secret } of planted) {
      const told = JSON.stringify(await findSecrets(text, file));
      for (const part of [secret, secret.slice(0, 12), secret.slice(-12)])
        expect(told).not.toContain(part);
    }
  });

  test('no binary below node_modules is blamed', async () => {
    let read = 0;
    const blamed: string[] = [];
    for (const path of ordinaryFiles()) {
      const bytes = statSync(path).size < 4e6 ? readFileSync(path) : null;
      if (bytes === null || !bytes.subarray(0, 8000).includes(0)) continue;
      read += 1;
      for (const { rule } of await findSecrets(bytes.toString('latin1'), path, 'binary'))
        blamed.push(`${relative(modules, path)} ${rule}`);
    }
    expect(read).toBeGreaterThan(20);
    expect(blamed).toEqual([]);
  });

  test('of 1,500 ordinary files at most 1 in 1,000 is blamed', async () => {
    const files = ordinaryFiles();
    const random = drawing(seed);
    let blamed = 0;
    for (let read = 0; read < 1500;) {
      const path = files[Math.floor(random() * files.length)]!;
      const bytes = statSync(path).size < 1e6 ? readFileSync(path) : null;
      if (bytes === null || bytes.includes(0)) continue;
      read += 1;
      for (const { line, rule } of await findSecrets(bytes.toString('utf8'), path)) {
        blamed += 1;
        console.log(`seed ${seed}: ${relative(modules, path)}:${line} ${rule}`);
      }
    }
    expect(blamed).toBeLessThanOrEqual(1);
  });
});

const modules = fileURLToPath(new URL('../../../node_modules', import.meta.url));
/**
 * The files of node_modules, without caches. Caches contain the secrets of these tests. The other
 * files contain no secret.
 */
const ordinaryFiles = () =>
  readdirSync(modules, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/node_modules[/\\]\./.test(entry.parentPath))
    .map((entry) => join(entry.parentPath, entry.name));

test.each([
  ['an anonymous key of Supabase', 'SUPABASE_ANON_KEY', { iss: 'supabase', role: 'anon' }],
  ['the token of every page about them', 'token', { sub: '1234567890', name: 'John Doe' }],
])('%s is meant for everybody', async (_, name, claims) => {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const token = [part({ alg: 'HS256' }), part(claims), 'c'.repeat(43)].join('.');
  expect(await findSecrets(`${name}: ${token}\n`, 'a.yaml')).toEqual([]);
});

describe('a password in an address is no placeholder', () => {
  const at = (scheme: string, rest: string) => `${scheme}${'://'}${rest}`;
  test.each([
    at('postgres', 'app:myR3alPr0dPassw0rd2024@db.acme.dev/shop'),
    at('postgres', 'app:somethingLongAndReal99@db.acme.dev/shop'),
    at('postgres', 'app:p@ssKq83ndLx02Qw@db.acme.dev/shop'),
    at('postgres', 'app:kq83/ndLx02Qw92ab@db.acme.dev/shop'),
    at('rediss', ':kq83ndLx02Qw92ab@cache.acme.dev:6379'),
    at('amqps', 'app:kq83ndLx02Qw92ab@queue.acme.dev'),
  ])('%s', async (address) => {
    expect(await findSecrets(`URL=${address}\n`, '.env')).toHaveLength(1);
  });
});

test.each([
  ['headers', 'client.ts', (value: string) => `headers: { Authorization: 'Bearer ${value}' },`],
  ['a command', 'deploy.sh', (value: string) => `curl -H "authorization: bearer ${value}" $URL`],
  ['a header alone', 'a.http', (value: string) => `Authorization: Basic ${value}`],
])('drawn credentials in %s are found', async (_, file, written) => {
  const random = drawing(seed);
  const letters = 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789';
  const drawn = Array.from({ length: 40 }, () => letters[Math.floor(random() * letters.length)]);
  expect(await findSecrets(`${written(drawn.join(''))}\n`, file)).toHaveLength(1);
  expect(await findSecrets(`${written('${process.env.API_TOKEN}')}\n`, file)).toEqual([]);
});

test.each([
  ['API_TOKEN=${API_TOKEN}', '.env'],
  ['API_TOKEN=your-token-goes-here-1234', '.env'],
  ['apiKey: process.env.API_KEY,', 'a.ts'],
  ['const token = await readTokenFrom2ndPlace(input);', 'a.ts'],
  ['"tokenizer": "@scope/some-Tokenizer-v2"', 'package.json'],
  ['integrity: sha512-aB3dE5fG7hI9jK1lM3nO5pQ7rS9tU1vW3xY5zA7bC9==', 'lock.yaml'],
  ['postgres://user:password@localhost:5432/db', 'README.md'],
  ['postgres://app:mySecretPassword@localhost:5432/db', 'README.md'],
  ['postgres://app:some_pass@localhost:5432/db', 'README.md'],
  ['redis://default:${REDIS_PASSWORD}@cache:6379', '.env'],
  ['redis://username:authpassword@127.0.0.1:6380/4', 'README.md'],
  ['password: /etc/secrets/Database2', 'a.yaml'],
  ['NEXT_PUBLIC_API_KEY=aZ3kT9qL2mX7vB5nR8wY1cJ6', '.env'],
])('%s is no secret', async (text, file) => {
  expect(await findSecrets(text, file)).toEqual([]);
});

test('a key that a package publishes for its tests is known, and one beside it is not', async () => {
  const published = readFileSync(join(modules, 'ssh2/test/fixtures/id_rsa'), 'utf8');
  expect(await findSecrets(published, 'id_rsa')).toEqual([]);
  const other = published.replace(/[A-Z]{2}(?=\n)/, 'ab');
  expect(await findSecrets(other, 'id_rsa')).toMatchObject([{ rule: 'privatekey' }]);
});
