import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { scanTree } from '../../../activities/gates/scan.ts';
import { createSecretsGate } from '../../../activities/gates/secrets.ts';
import { openHost } from '../../../activities/watch/on-host.ts';
import type { VpsTarget } from '../../../domain/plan.ts';
import { onVps } from '../../support/drivers.ts';
import { hostAndGit } from '../git/host.ts';
import { planFor } from '../plan-fixture.ts';
import { hostWith } from '../watch/host.ts';

/** Put together here, so that no scanner finds this file. */
const slackKey = ['xoxb', '123456789012', '1234567890123', 'abcdefghijklmnopqrstuvwx'].join('-');

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
      { file: 'node_modules/x/.env', line: 1, rule: 'slack' },
      { file: 'src/a.ts', line: 2, rule: 'slack' },
    ]);
    expect(JSON.stringify(scan)).not.toContain(slackKey.slice(10));
  });

  test('cannot be switched off by the file', async () => {
    write('a.js', `// secretlint-disable\nconst token = '${slackKey}';\n`);
    expect((await scanTree(root)).findings).toHaveLength(1);
  });

  test('leaves binaries out, reads UTF-16 and long texts to their end', async () => {
    write('b.bin', Buffer.from([0, 1, 2, 3]));
    write('u.txt', Buffer.from(`\ufeffkey ${slackKey}\n`, 'utf16le'));
    write('long.txt', `${'some words\n'.repeat(200_000)}key ${slackKey}\n`);
    const { filesScanned, findings } = await scanTree(root);
    expect(filesScanned).toBe(2);
    expect(findings).toContainEqual({ file: 'long.txt', line: 200_001, rule: 'slack' });
    expect(findings.map(({ file }) => file)).toContain('u.txt');
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
      crashedRules: ['secretlint on a.txt'],
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
    ]);
    file = join(vps.handle.home, 'shop.env');
    writeFileSync(
      file,
      '# DATABASE_URL=commented\nexport API_KEY=the-value\nEMPTY=\n  MAIL="a=b"\nBROKEN\n',
    );
  });
  afterAll(() => Promise.all([git.close(), vps.close()]));

  const check = (sha: string, over: Partial<VpsTarget> = {}) => {
    const repository = git.host.url('acme/shop');
    const target = { ...vps.target, repository, ...over };
    return createSecretsGate({ git: git.git, driverOf: onVps({ openHost }) })({
      plan: planFor({ sha, target }),
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
        '3 required variables set on 1 host; values are never read, an empty one cannot be seen',
      ],
    });
  });

  test('is closed by a key in the code and by every missing name, without any value', async () => {
    const report = await check(shas[1]!, needs('API_KEY', 'DATABASE_URL', 'BROKEN'));
    expect(report.open).toBe(false);
    expect(report.reasons).toEqual([
      'a:1 holds a secret (slack). Revoke it at its issuer, remove it from the code, then deploy the new commit.',
      'web-1 lacks DATABASE_URL, BROKEN. Set what is missing there, then deploy again.',
    ]);
    expect(JSON.stringify(report)).not.toMatch(/the-value|xoxb/);
  });

  test('is closed where the file is not there, or none is named', async () => {
    const gone = await check(shas[0]!, { ...needs('A'), environmentFile: '/nonexistent/env' });
    expect(gone.reasons[0]).toBe(
      'could not be read: /nonexistent/env on web-1: it is not there, or its user may not read it. ' +
        'Nothing is known, so the gate stays closed.',
    );
    const unnamed = await check(shas[0]!, { ...needs('A'), environmentFile: null });
    expect(unnamed.open).toBe(false);
    expect(unnamed.reasons[0]).toContain('set environmentFile in plimsoll.yaml');
  });

  test('leaves a host that does not answer to the next attempt', async () => {
    const lost = { ...vps.host, port: 1 };
    await expect(check(shas[0]!, { ...needs('A'), hosts: [lost] })).rejects.toMatchObject({
      type: 'Unavailable',
    });
  });
});
