import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { scanTree } from '../../../activities/gates/scan.ts';
import { createSecretsGate } from '../../../activities/gates/secrets/secrets.ts';
import { openHost } from '../../../activities/platforms/vps/ssh/on-host.ts';
import { fingerprintOf } from '../../../activities/gates/secrets/lint.ts';
import type { Config } from '../../../domain/config/config.ts';
import type { HostState } from '../../../domain/deploy/plan.ts';
import type { VpsTarget } from '../../../domain/platforms/vps/target.ts';
import { onVps } from '../../support/drivers.ts';
import { hostAndGit } from '../git/host.ts';
import { planFor } from '../plan/plan-fixture.ts';
import { hostWith } from '../platforms/vps/log/host.ts';

const fingerprint = expect.stringMatching(/^[0-9a-f]{16}$/);

/** A fake secret. Its parts are joined here, so that no scanner reports this file. */
const slackKey = ['xoxb', '123456789012', '1234567890123', 'abcdefghijklmnopqrstuvwx'].join('-');
const otherKey = slackKey.replace('abc', 'xyz');
const drawn = ['x7Kq2', 'mZ9pL', '4vB8n', 'R3tW6', 'yH1cJ'].join('');

describe('a scan', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'plimsoll-scan-'));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));
  const write = (name: string, text: string | Buffer) => {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  };

  test('finds keys in any text file, by file, line and rule, never their value', async () => {
    write('src/a.ts', `const fine = 1;\nconst token = '${slackKey}';\n`);
    write('node_modules/x/.env', `SLACK=${slackKey}\n`);
    write('README.md', 'nothing\n');
    const scan = await scanTree(root);
    expect(scan.filesScanned).toBe(3);
    expect(scan.crashedRules).toEqual([]);
    expect(scan.findings.toSorted((a, b) => a.file.localeCompare(b.file))).toEqual([
      { file: 'node_modules/x/.env', line: 1, rule: 'slack', fingerprint },
      { file: 'src/a.ts', line: 2, rule: 'slack', fingerprint },
    ]);
    expect(scan.findings[0]?.fingerprint).toBe(scan.findings[1]?.fingerprint);
    expect(JSON.stringify(scan)).not.toContain(slackKey.slice(10));
  });

  test('cannot be switched off by the file', async () => {
    const key = `npm${'_'}${'a1B2c3D4e5F6'.repeat(3)}`;
    write('a.js', `// secretlint-disable\npublish('${key}');\n`);
    expect((await scanTree(root)).findings).toHaveLength(1);
  });

  test('follows no link, leaves the folder of git out, reads UTF-16', async () => {
    write('.git/config', `key ${slackKey}\n`);
    write('u.txt', Buffer.from(`\ufeffkey ${slackKey}\n`, 'utf16le'));
    symlinkSync(join(root, 'u.txt'), join(root, 'link.txt'));
    const { filesScanned, findings } = await scanTree(root);
    expect(filesScanned).toBe(1);
    expect(findings).toEqual([{ file: 'u.txt', line: 1, rule: 'slack', fingerprint }]);
  });

  const wide = (text: string) => Buffer.from(text, 'utf16le');
  const random = Buffer.from(Array.from({ length: 9000 }, (_, index) => (index * 7919) % 256));
  const afterRandom = random.toString('latin1').split('\n').length;
  const bytes = (...parts: (string | Buffer)[]) =>
    Buffer.concat(parts.map((one) => Buffer.from(one)));
  const stripeKey = `sk_${'live'}_51${drawn}`;
  const assigned = `SESSION_SECRET=${drawn}`;

  test.each<[string, Buffer, number, string]>([
    ['one NUL at its start', bytes('\0\nkey ', slackKey), 2, 'slack'],
    ['a NUL right before and after', bytes('\0', stripeKey, '\0'), 1, 'stripe'],
    ['any bytes', bytes(random, `\0${stripeKey}\0`, random), afterRandom, 'stripe'],
    [
      'a key of the preset',
      bytes(random, `\0npm${'_'}${'a1B2c3D4e5F6'.repeat(3)}`),
      afterRandom,
      'npm',
    ],
    ['UTF-16LE without a mark', wide(`a\nkey ${slackKey}\n`), 2, 'slack'],
    ['an assignment in it', wide(`a\n${assigned}\n`), 2, 'assigned-secret'],
    ['UTF-16BE without a mark', wide(`a\nkey ${slackKey}\n`).swap16(), 2, 'slack'],
    ['UTF-16LE amid any bytes', bytes(random, '9', wide(stripeKey), random), afterRandom, 'stripe'],
    [
      'the same, long',
      bytes(random, wide(`${'word '.repeat(4e5)}${stripeKey}`)),
      afterRandom,
      'stripe',
    ],
  ])('finds a key in a file with NULs: %s', async (_, content, line, rule) => {
    write('a.bin', content);
    const { filesScanned, findings } = await scanTree(root);
    expect({ filesScanned, findings }).toEqual({
      filesScanned: 1,
      findings: [{ file: 'a.bin', line, rule, fingerprint }],
    });
  });

  test.each([
    ['an assignment amid any bytes, which is a guess', bytes(random, `\0${assigned}\0`)],
    [
      'names that a program keeps without a gap',
      bytes(random, `\0npm${'_'}install_D_types_Slashnode_6290Ensure`),
    ],
  ])('blames no binary for %s', async (_, content) => {
    write('a.bin', content);
    expect(await scanTree(root)).toEqual({ filesScanned: 1, crashedRules: [], findings: [] });
  });

  test('reads a long text to its end, a key at the seam of two pieces included, and each once', async () => {
    const filler = 'some words\n';
    const upTo = (bytes: number) =>
      filler.repeat(Math.floor(bytes / filler.length)) + ' '.repeat(bytes % filler.length);
    const seam = 1024 * 1024;
    const around = [seam - 16 * 1024, seam - 8 * 1024, seam].map((at) =>
      [`${upTo(at - 14)}ADMIN_API_KEY=${drawn}\n`, upTo(2.2 * seam)].join(''),
    );
    for (const [index, text] of around.entries()) write(`seam-${index}.txt`, text);
    write('long.txt', `${upTo(2.2e6)}key ${slackKey}\n`);
    const { findings } = await scanTree(root);
    const at = (text: string) => text.slice(0, text.indexOf('ADMIN')).split('\n').length;
    expect(findings.toSorted((a, b) => a.file.localeCompare(b.file))).toEqual([
      { file: 'long.txt', line: 200_001, rule: 'slack', fingerprint },
      ...around.map((text, index) => ({
        ...{ file: `seam-${index}.txt`, line: at(text), rule: 'assigned-secret', fingerprint },
      })),
    ]);
  });

  test('names two secrets of one line by two fingerprints', async () => {
    write('a.env', `TOKENS="${slackKey} ${slackKey.replace('abc', 'xyz')}"\n`);
    const { findings } = await scanTree(root);
    expect(new Set(findings.map((one) => one.fingerprint)).size).toBe(2);
  });

  test('says where the scanner crashed', async () => {
    write('a.txt', 'x');
    write('b.txt', 'x');
    const crash = async (_: string, file: string) => {
      if (file === 'a.txt') throw new Error('boom');
      return [];
    };
    expect(await scanTree(root, crash)).toEqual({
      filesScanned: 1,
      crashedRules: ['the scan of a.txt'],
      findings: [],
    });
  });
});

describe('the secrets gate', () => {
  let git: Awaited<ReturnType<typeof hostAndGit>>;
  let vps: Awaited<ReturnType<typeof hostWith>>;
  let shas: string[];
  let file: string;
  beforeAll(async () => {
    git = await hostAndGit();
    vps = await hostWith('setInterval(() => {}, 1000)');
    shas = await git.host.createRepository('acme/shop', [
      { files: { a: 'fine\n' }, message: 'Fine' },
      { files: { a: `key ${slackKey}\n` }, message: 'Leak' },
      { files: { a: 'mended\n' }, message: `Mend\n\nIt was ${otherKey}.` },
      { files: { a: 'mended again\n' }, message: 'Go on' },
    ]);
    file = join(vps.handle.home, 'shop.env');
    writeFileSync(
      file,
      '# DATABASE_URL=commented\nexport API_KEY=the-value\nEMPTY=\n  MAIL="a=b"\nBROKEN\n',
    );
  });
  afterAll(() => Promise.all([git.close(), vps.close()]));

  type Allow = { fingerprint: string; reason: string; until: string }[];
  const check = (sha: string, over: Partial<VpsTarget> = {}, from = sha, allow: Allow = []) => {
    const repository = git.host.url('acme/shop');
    const target = { ...vps.target, repository, ...over };
    const config = { projects: { shop: { secrets: { allow } } } } as unknown as Config;
    return createSecretsGate({ config, git: git.git, driverOf: onVps({ openHost }) })({
      plan: planFor({ sha, target, live: [{ sha: from } as HostState] }),
    });
  };
  const needs = (...requiredVariables: string[]) => ({ requiredVariables, environmentFile: file });

  test('is open on a clean tree with every name set, and says that values are not read', async () => {
    const { gate, open, reasons } = await check(shas[0]!, needs('API_KEY', 'EMPTY', 'MAIL'));
    expect({ gate, open, reasons }).toEqual({
      gate: 'secrets',
      open: true,
      reasons: [
        '1 file scanned, no secret found',
        '3 required variables set on 1 host; values are never read, so an empty value is not ' +
          'noticed',
      ],
    });
  });

  test('is closed by a key in the code and by every missing name, without any value', async () => {
    const report = await check(shas[1]!, needs('API_KEY', 'DATABASE_URL', 'BROKEN'));
    expect(report.open).toBe(false);
    expect(report.reasons).toEqual([
      'a:1 contains a secret (slack). Revoke the secret at its issuer, remove the secret from the code, then ' +
        `deploy the new commit. Fingerprint ${fingerprintOf(slackKey)}.`,
      'web-1 lacks DATABASE_URL, BROKEN. Set the missing variables there, then deploy again.',
    ]);
    expect(JSON.stringify(report)).not.toMatch(/the-value|xoxb/);
  });

  test('is closed where the file is not there, or none is named', async () => {
    const gone = await check(shas[0]!, { ...needs('A'), environmentFile: '/nonexistent/env' });
    expect(gone.reasons[0]).toBe(
      'a source could not be read: /nonexistent/env on web-1: the file does not exist, or the ssh user may not read ' +
        'it. Make the file readable for that user, or correct "environmentFile" in plimsoll.yaml. ' +
        'There is no data, so the gate stays closed.',
    );
    const unnamed = await check(shas[0]!, { ...needs('A'), environmentFile: null });
    expect(unnamed.open).toBe(false);
    expect(unnamed.reasons[0]).toContain('Set environmentFile in plimsoll.yaml');
  });

  describe('the names in a file of the commit', () => {
    let commits: Record<string, string>;
    beforeAll(async () => {
      const files: Record<string, string> = {
        good: '# One: for mail\nexport API_KEY=\nMAIL="two\nlines"\n\nEMPTY\r\nDATABASE_URL=postgres://\n',
        empty: '# nothing yet\n',
        strange: 'API KEY=1\n',
        none: '',
      };
      const each = Object.entries(files).map(([message, text]) => ({
        files: message === 'none' ? { '.env.example': null } : { '.env.example': text },
        message,
      }));
      const made = await git.host.createRepository('acme/listed', [
        { files: { a: 'fine\n' }, message: 'Fine' },
        ...each,
      ]);
      commits = Object.fromEntries(Object.keys(files).map((name, at) => [name, made[at + 1]!]));
    });
    const listed = { variablesFile: '.env.example' };
    const at = (name: string, over: Partial<VpsTarget>) =>
      check(commits[name]!, { ...over, repository: git.host.url('acme/listed') });
    const closed = (what: string) => [
      `a source could not be read: .env.example ${what}. There is no data, so the gate stays closed.`,
    ];

    test('are required beside those of the configuration', async () => {
      const { open, reasons } = await at('good', { ...needs('API_KEY', 'TOKEN'), ...listed });
      expect({ open, reasons }).toEqual({
        open: false,
        reasons: [
          'web-1 lacks TOKEN, DATABASE_URL. Set the missing variables there, then deploy again.',
        ],
      });
    });

    test.each([
      ['none', 'is not in the commit. Commit it, or correct "variablesFile" in plimsoll.yaml'],
      ['empty', 'names no variable. Add the names, or take "variablesFile" out of plimsoll.yaml'],
      ['strange', 'has "API KEY" where a name is expected. Correct that line'],
    ])('closed: %s', async (name, what) => {
      const { open, reasons } = await at(name, { ...needs('API_KEY'), ...listed });
      expect({ open, reasons }).toEqual({ open: false, reasons: closed(what) });
    });

    test('are reported where none are configured', async () => {
      const { open, reasons } = await at('good', {});
      expect({ open, last: reasons.at(-1) }).toEqual({
        open: true,
        last:
          'no required variable is configured, although the commit has .env.example. Write ' +
          '"variablesFile: .env.example" in plimsoll.yaml to require every name in that file',
      });
    });
  });

  const kept = (what: string, sha: string, secret: string) =>
    `${what} contained a secret (slack) in commit ${sha.slice(0, 7)}, and the secret stays in the ` +
    'history. Revoke the secret at its issuer, then allow the fingerprint under ' +
    'secrets.allow in plimsoll.yaml. ' +
    `Fingerprint ${fingerprintOf(secret)}.`;

  test('is closed by a secret that one deployed commit added and a later one removed, and by messages', async () => {
    const [before, leak, mended, last] = shas as [string, string, string, string];
    const { open, reasons } = await check(last, {}, before);
    expect({ open, reasons }).toEqual({
      open: false,
      reasons: [kept('its message:3', mended, otherKey), kept('a:1', leak, slackKey)],
    });
    expect((await check(last, {}, leak)).reasons).toEqual([
      kept('its message:3', mended, otherKey),
    ]);
  });

  test('is closed by a secret in a folder that a later commit removed', async () => {
    const path = 'apps/shop/config/slack.txt';
    const [before, leak, last] = (await git.host.createRepository('acme/nested', [
      { files: { a: 'fine\n' }, message: 'Fine' },
      { files: { [path]: `key ${slackKey}\n` }, message: 'Leak' },
      { files: { [path]: null }, message: 'Mend' },
    ])) as [string, string, string];
    const { reasons } = await check(last, { repository: git.host.url('acme/nested') }, before);
    expect(reasons).toEqual([kept(`${path}:1`, leak, slackKey)]);
  });

  test('is open once those commits are live', async () => {
    const [, , mended, last] = shas as [string, string, string, string];
    expect(await check(last, {}, mended)).toMatchObject({
      open: true,
      reasons: [
        '1 file and 1 commit scanned, no secret found',
        'no required variable is configured',
      ],
    });
  });

  test('reads the whole history where nothing is known to be live', async () => {
    const [, , , last] = shas as [string, string, string, string];
    const target = { ...vps.target, repository: git.host.url('acme/shop') };
    const config = { projects: { shop: {} } } as unknown as Config;
    const gate = createSecretsGate({ config, git: git.git, driverOf: onVps({ openHost }) });
    const live = [{ sha: last }, { sha: null }] as HostState[];
    const unknown = await gate({ plan: planFor({ sha: last, target, live }) });
    expect(unknown.reasons.map((why) => why.slice(0, 13))).toEqual([
      'its message:3',
      'a:1 contained',
    ]);
    const lastProven = { id: 'x', sha: last };
    const proven = await gate({ plan: planFor({ sha: last, target, live, lastProven }) });
    expect(proven.open).toBe(true);
  });

  test('is open on what plimsoll.yaml allows, until the day that it says, and shows it', async () => {
    const [before, , , last] = shas as [string, string, string, string];
    const allow = [slackKey, otherKey].map((value) => ({
      ...{ fingerprint: fingerprintOf(value), reason: 'revoked', until: '2999-01-31' },
    }));
    const { open, reasons } = await check(last, {}, before, allow);
    expect(open).toBe(true);
    expect(reasons[2]).toBe(
      `allowed until 2999-01-31: a:1 (slack, ${fingerprintOf(slackKey)}), "revoked"`,
    );
    const [first] = allow.map((one) => ({ ...one, until: '2020-01-31' }));
    const ended = await check(last, {}, before, [first!, allow[1]!]);
    expect(ended.open).toBe(false);
    expect(ended.reasons[0]).toMatch(/The allowance \("revoked"\) ended on 2020-01-31\.$/);
  });

  test('leaves a host that does not answer to the next attempt', async () => {
    const lost = { ...vps.host, port: 1 };
    await expect(check(shas[0]!, { ...needs('A'), hosts: [lost] })).rejects.toMatchObject({
      type: 'Unavailable',
    });
  });
});
