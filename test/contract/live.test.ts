import { globSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { live } from '../../client/commands/doctor.ts';
import { recordedIo } from '../support/io.ts';
import { startAll, tokens } from './fleet.ts';
import type { All } from './fleet.ts';
import { contractLive } from './live.ts';

let all: All;
beforeAll(async () => {
  all = await startAll();
});
afterAll(() => all.close());

const doctor = async (env: NodeJS.ProcessEnv = tokens, config = all.file) => {
  const io = recordedIo({ env });
  const code = await live(io, { config });
  return { code, out: io.stdout.join('\n'), said: io.stderr.join('\n') };
};
const calls = () => [all.at.board, all.vercel.board, all.northflank.board, all.cloudflare.board];
const effects = () => calls().flatMap((board) => board.effects);

describe('doctor --live', () => {
  test('makes every read, shows each permission, and changes nothing', async () => {
    const before = effects().length;
    const { code, out, said } = await doctor();
    await expect(out).toMatchFileSnapshot('live-table.txt');
    expect(said).toBe(`
ok         the call works
no data    there is nothing to read, and a deploy continues without it
not tried  the call needs something that this account does not have yet
unknown    the call changes something, and the vendor does not show this right
${said.split('\n').at(-1)}`);
    expect(said.split('\n').at(-1)).toMatch(
      /^Every read that was tried works\. Of the changes, \d+ are unknown until the first deploy\. Nothing was changed\.$/,
    );
    expect(code).toBe(0);
    expect(effects()).toHaveLength(before);
  });

  test('says which token it needs, and tries the rest', async () => {
    const { VERCEL_TOKEN: _, SLACK_BOT_TOKEN: __, ...some } = tokens;
    const { code, out, said } = await doctor(some);
    expect(out).toContain('vercel barber-crm: needs VERCEL_TOKEN\n');
    expect(out).toMatch(/Slack: needs SLACK_BOT_TOKEN$/);
    expect(out).toContain('  ok         find the repository ');
    expect(said.split('\n').at(-1)).toBe(
      'Not everything was tried: set VERCEL_TOKEN, SLACK_BOT_TOKEN in this terminal, ' +
        'then run the command again. Nothing was changed.',
    );
    expect(code).toBe(1);
  });

  test('says what a wrong token is refused, with the words of the vendor', async () => {
    const { code, out } = await doctor({ GITHUB_TOKEN: 'ghp_wrong' });
    expect(out.split('\n').slice(0, 4)).toEqual([
      'GitHub acme/shop',
      `  refused    ${'find the repository'.padEnd(50)} Metadata: read`,
      '             401: Bad credentials',
      '             GitHub does not accept the token in GITHUB_TOKEN. Make a new token. Call: GET /repos/{owner}/{repo}',
    ]);
    expect(code).toBe(1);
  });

  test('says that there is nothing to try if no service has an API', async () => {
    const text = readFileSync(all.file, 'utf8');
    const file = join(all.directory, 'none.yaml');
    writeFileSync(file, onlyHosts(text));
    const { code, said } = await doctor({}, file);
    expect(said).toBe(
      '\nplimsoll.yaml names no service with an API: no GitHub, no Slack, and no environment at ' +
        'Vercel, Cloudflare or Northflank. There is nothing to try.',
    );
    expect(code).toBe(0);
  });
});

/** The approvers of the file, with one project on a host. */
const onlyHosts = (text: string) => `sandbox: true
${text.slice(text.indexOf('approvers:'), text.indexOf('projects:'))}projects:
  shop:
    repository: http://127.0.0.1:1/acme/shop.git
    tests: { required: [unit] }
    environments:
      production:
        platform: vps
        hosts: [{ address: deploy@127.0.0.1:1, hostKey: 'SHA256:${'A'.repeat(43)}', url: http://127.0.0.1:1/ }]
        directory: /srv/shop
        service: shop
        health: http://127.0.0.1:1/healthz
        smoke: { auth: 'n/a: none', payments: 'n/a: none', core: / }
`;

describe('contract:live', () => {
  test('stores every answer, without anything about the account', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'plimsoll-answers-'));
    const before = effects().length;
    const { code, text } = await contractLive([all.file], tokens, directory);
    expect(text).not.toContain('differs');
    expect(code).toBe(0);
    expect(effects()).toHaveLength(before);
    const files = globSync('*/*.json', { cwd: directory });
    expect(new Set(files.map((file) => file.split('/')[0]))).toEqual(
      new Set(['github', 'vercel', 'northflank', 'cloudflare', 'slack']),
    );
    const stored = files.map((file) => readFileSync(join(directory, file), 'utf8')).join('\n');
    const private_ = ['acme', 'shop', 'barber', 'gateway', 'assistant', '127.0.0.1', 'ada@'];
    const secrets = Object.values(tokens);
    expect([...private_, ...secrets].filter((word) => stored.includes(word))).toEqual([]);
    const repository = JSON.parse(
      readFileSync(join(directory, 'github/GET-repos-owner-repo.json'), 'utf8'),
    ) as { call: string; status: number; differences: string[]; body: Record<string, unknown> };
    expect(repository).toMatchObject({
      call: 'GET /repos/{owner}/{repo}',
      status: 200,
      differences: [],
      body: { name: 'text', visibility: 'private', html_url: 'https://example.com/' },
    });
  });

  test('says what it needs', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'plimsoll-answers-'));
    const without = await contractLive([all.file], {}, directory);
    expect(without.code).toBe(1);
    expect(without.text.split('\n').slice(-9)).toEqual([
      'npm run contract:live [FILE]',
      '',
      'It makes every read of a deploy at the real services and stores the answers in test/contract/fixtures,',
      'without names, texts and secrets. It changes nothing. It needs',
      '- a plimsoll.yaml (FILE, or ./plimsoll.yaml) that names the services: a project at Vercel, a Worker at',
      '  Cloudflare, a service at Northflank, a repository at GitHub, a Slack workspace; each is optional;',
      '- their tokens in the environment variables that this file names.',
      '',
      'Not set: GITHUB_TOKEN, NORTHFLANK_TOKEN, VERCEL_TOKEN, CLOUDFLARE_API_TOKEN, SLACK_BOT_TOKEN',
    ]);
    const nowhere = await contractLive(['/nowhere/plimsoll.yaml'], {});
    expect(nowhere.code).toBe(1);
    expect(nowhere.text).toMatch(/^npm run contract:live \[FILE\]\n/);
  });
});
