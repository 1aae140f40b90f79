import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { createAuditGate } from '../../../activities/gates/audit/audit.ts';
import { createGitHub } from '../../../activities/github/github.ts';
import { readKeyLine } from '../../../activities/approval/signatures/key-line.ts';
import { fingerprintOf } from '../../../activities/approval/signatures/revoked.ts';
import { waiveDigest } from '../../../activities/lib/seal-digest.ts';
import { openLedger } from '../../../activities/ledger/ledger.ts';
import type { Ledger } from '../../../activities/ledger/types.ts';
import type { Decision } from '../../../domain/config/config.ts';
import { Config } from '../../../domain/config/config.ts';
import { startGithub } from '../../../sandbox/github/github.ts';
import type { Github } from '../../../sandbox/github/github.ts';
import { makeKey } from '../../support/keys.ts';
import { hostAndGit } from '../git/host.ts';
import { planFor } from '../plan/plan-fixture.ts';

const name = 'acme/shop';
const ghsa = 'GHSA-vh95-rmgr-6w4m';
const lock = {
  ...{ name: 'shop', version: '1.0.0', lockfileVersion: 3, requires: true },
  packages: {
    '': { name: 'shop', version: '1.0.0', dependencies: { minimist: '0.0.8' } },
    'node_modules/minimist': { version: '0.0.8' },
  },
};
const advisory = (severity: string) => ({
  ...{ id: 1179, url: `https://github.com/advisories/${ghsa}`, title: 'Prototype Pollution' },
  ...{ severity, vulnerable_versions: '<0.2.1' },
});

/** A fake npm registry for `npm audit`. The tests never ask the public registry. */
let answer: { status: number; body: string } = { status: 200, body: '{}' };
let asked: string[] = [];
const registry = createServer((request, response) => {
  asked.push(`${request.method} ${request.url}`);
  const isAudit = request.url?.includes('/security/') ?? false;
  response.writeHead(isAudit ? answer.status : 404, { 'content-type': 'application/json' });
  response.end(isAudit ? answer.body : '{}');
});

let at: Awaited<ReturnType<typeof hostAndGit>>;
let hub: Github;
let ledger: Ledger;
let shas: string[];
let directory: string;
beforeAll(async () => {
  await new Promise<void>((resolve) => void registry.listen(0, '127.0.0.1', resolve));
  const { port } = registry.address() as AddressInfo;
  vi.stubEnv('npm_config_registry', `http://127.0.0.1:${port}`);
  directory = mkdtempSync(join(tmpdir(), 'plimsoll-audit-test-'));
  at = await hostAndGit();
  const { repositories } = at.host;
  hub = await startGithub({ board: at.board, repositories, token: 'gh-token' });
  const manifest = { name: 'shop', version: '1.0.0', dependencies: { minimist: '0.0.8' } };
  const report = {
    ...{ sha: 'c'.repeat(40), date: new Date().toISOString(), auditor: 'Ana', findings: [] },
  };
  shas = await at.host.createRepository(name, [
    {
      files: {
        'package.json': JSON.stringify({ ...manifest, scripts: { preinstall: 'exit 1' } }),
        'package-lock.json': JSON.stringify(lock),
        'hollow/package.json': JSON.stringify(manifest),
        'hollow/package-lock.json': JSON.stringify({ ...lock, packages: {} }),
        '.npmrc': 'registry=http://127.0.0.1:1/\n',
        'audits/ana.json': JSON.stringify(report),
        'audits/broken.json': JSON.stringify(report).slice(0, 40),
        'py.json': JSON.stringify({ dependencies: [{ name: 'a', version: '1', vulns: [] }] }),
      },
      message: 'First',
    },
  ]);
  ledger = await openLedger({ path: ':memory:' });
});
afterEach(() => {
  asked = [];
  answer = { status: 200, body: '{}' };
  at.board.clear();
});
afterAll(async () => {
  vi.unstubAllEnvs();
  rmSync(directory, { recursive: true, force: true });
  registry.close();
  await Promise.all([hub.close(), at.close(), ledger.close()]);
});

const key = makeKey();
const ana = (options = '') => ({ ana: { keys: [`${options}${key.publicKey}`] } });
const check = (audit: object, token: string | null = 'gh-token', over: object = {}) => {
  const config = Config.parse({ approvers: ana(), projects: {}, ...over });
  const shop = { audit } as unknown as Config['projects'][string];
  const github = token ? createGitHub({ api: hub.address, token, variable: 'GITHUB_TOKEN' }) : null;
  const gate = createAuditGate({
    config: { ...config, projects: { shop } },
    ...{ git: at.git, github, ledger },
  });
  const repository = at.host.url(name);
  return gate({ plan: planFor({ sha: shas[0]!, repository, github: token ? name : null }) });
};

test('npm audit of the lock file alone, at the registry of the worker, runs nothing of the commit', async () => {
  const { gate, open, reasons } = await check({ npm: ['.'] });
  expect({ gate, open, reasons }).toEqual({
    ...{ gate: 'audit', open: true, reasons: ['npm audit of .: nothing found'] },
  });
  expect(asked).toEqual(['POST /-/npm/v1/security/advisories/bulk']);
});

test('a lock file that lacks a package of the manifest closes it: npm would not audit that package', async () => {
  const { open, reasons } = await check({ npm: ['hollow'] });
  expect({ open, reasons }).toEqual({
    open: false,
    reasons: [
      'npm audit of hollow: the lock file lacks minimist, although package.json has these ' +
        'packages. npm would not audit them. Run npm install and commit the lock file. There is no data, so the gate ' +
        'stays closed.',
    ],
  });
});

let nonces = 0;
/** Adds a valid waiver to the ledger. The waiver was signed on 2026-01-01. */
async function waive(over: Partial<Decision> = {}, body: object = {}) {
  const about = { finding: ghsa, reason: 'never called', until: '2999-01-31' };
  const decision = {
    ...{ subject: 'waive', decision: 'approve', approver: 'ana', deployId: '' },
    ...{ project: 'shop', environment: 'production', sha: '0'.repeat(40) },
    subjectDigest: waiveDigest({ project: 'shop', environment: 'production', ...about }),
    ...{ nonce: String((nonces += 1)).padStart(32, '0'), notAfter: '2026-01-01T12:10:00.000Z' },
    ...over,
  } as Decision;
  const signed = { decision, signature: key.sign(decision, 'plimsoll-approval@v1') };
  const { project, environment, approver: by, nonce } = decision;
  await ledger.append({
    ...{ kind: 'waived', key: `waive/${nonce}`, deployId: null, project, environment },
    body: { ...about, by, signed, ruling: { at: '2026-01-01T12:00:00.000Z' }, ...body },
  });
}

test('a high advisory closes it, until an approver waives it', async () => {
  answer.body = JSON.stringify({ minimist: [advisory('high')] });
  const closed = await check({ npm: ['.'] });
  expect(closed).toMatchObject({ open: false });
  expect(closed.reasons).toEqual([
    `npm audit of .: ${ghsa} (high) in minimist: Prototype Pollution. Fix the finding, or let an ` +
      `approver waive it: plimsoll waive shop production ${ghsa} --reason "why" --until DAY`,
  ]);
  await waive({ approver: 'somebody-who-left' });
  await waive({ environment: 'staging' });
  const still = await check({ npm: ['.'] });
  expect(still.reasons).toEqual([
    `npm audit of .: ${ghsa} (high) in minimist: Prototype Pollution. The waiver of ` +
      'somebody-who-left until 2999-01-31 no longer counts: no person of that name is configured. ' +
      `Fix the finding, or let an approver waive it: plimsoll waive shop production ${ghsa} ` +
      '--reason "why" --until DAY',
  ]);
  await waive();
  expect(await check({ npm: ['.'] })).toMatchObject({
    ...{ open: true, waivers: [ghsa], loud: 1 },
    reasons: [
      `waived by ana until 2999-01-31, "never called": npm audit of .: ${ghsa} (high) in minimist: Prototype Pollution`,
      'npm audit of .: 1 finding, 1 of severity critical or high',
    ],
  });
  expect((await check({ npm: ['.'], threshold: 'critical' })).waivers).toBeUndefined();
});

const counted = 'waived by ana until 2999-01-31';
test.each<[string, object, string]>([
  [
    'revoked since',
    { revoked: [key.publicKey] },
    `no longer counts: its key ${fingerprintOf(readKeyLine(key.publicKey)!)} is revoked.`,
  ],
  [
    'taken out since',
    { approvers: { ana: { keys: [makeKey().publicKey] } } },
    'no longer counts: it was made with a key that is not configured for this person.',
  ],
  [
    'over before it signed',
    { approvers: ana('valid-before="20251231" ') },
    'no longer counts: its key expired at 2025-12-31T00:00:00.',
  ],
  ['over after it signed: it counts on', { approvers: ana('valid-before="20260103" ') }, counted],
])('a waiver by a key that is %s', async (_, over, told) => {
  answer.body = JSON.stringify({ minimist: [advisory('high')] });
  await waive();
  const { open, reasons } = await check({ npm: ['.'] }, 'gh-token', over);
  expect(open).toBe(told === counted);
  expect(reasons.join('\n')).toContain(told);
});

test.each([
  [405, '', 'npm audit of .: the registry gave npm audit no answer (405)'],
  [404, '{}', 'npm audit of .: the registry gave npm audit no answer (404)'],
])('a registry without audit (%i) closes it', async (status, body, why) => {
  answer = { status, body };
  const { open, reasons } = await check({ npm: ['.'] });
  expect({ open, reasons }).toEqual({
    open: false,
    reasons: [
      `${why}. To see why, run npm audit there. Or name another source under "audit" in ` +
        'plimsoll.yaml, such as reports. There is no data, so the gate stays closed.',
    ],
  });
});

test.each([
  [429, '{}'],
  [503, '{}'],
  [200, '{"minimist": [{"id"'],
])('a registry that may answer later (%i) is left to the next attempt', async (status, body) => {
  answer = { status, body };
  await expect(check({ npm: ['.'] })).rejects.toMatchObject({ type: 'Unavailable' });
});

test('files of the tree and of the worker, each with its fault', async () => {
  const old = join(directory, 'old.json');
  writeFileSync(old, JSON.stringify({ dependencies: [{ name: 'a', version: '1', vulns: [] }] }));
  utimesSync(old, new Date('2020-01-01'), new Date('2020-01-01'));
  const good = await check({ reports: ['audits/ana.json'], pipAudit: ['py.json'] });
  expect(good).toMatchObject({
    open: true,
    reasons: ['py.json: nothing found', 'audits/ana.json: nothing found'],
  });
  const bad = await check({
    ...{ reports: ['audits/broken.json'], sarif: ['none.sarif', 'audits/ana.json'] },
    ...{ pipAudit: [old, join(directory, 'none.json')], npm: ['apps/none'] },
  });
  const closed = 'There is no data, so the gate stays closed.';
  expect(bad.reasons).toEqual([
    `npm audit of apps/none: there is no package.json with a lock file. Commit both, or correct "audit.npm". ${closed}`,
    `${join(directory, 'none.json')}: the file is missing on the worker's machine. Let the audit write it, or correct "audit". ${closed}`,
    `audits/broken.json: the file cannot be parsed, so its findings are unknown. Fix the tool that writes it. ${closed}`,
    `none.sarif: the file is missing in the tree of this commit. Let the audit write it, or correct "audit". ${closed}`,
    `audits/ana.json: the file cannot be parsed, so its findings are unknown. Fix the tool that writes it. ${closed}`,
    `${old}: the report of 2020-01-01 is about another commit. Such a report may be at most ` +
      '7 days old. Run that audit again.',
  ]);
});

test.each<[string, (text: string) => Buffer]>([
  ['UTF-8', (text) => Buffer.from(`\uFEFF${text}`)],
  ['UTF-16, little end first', (text) => Buffer.from(`\uFEFF${text}`, 'utf16le')],
  ['UTF-16, big end first', (text) => Buffer.from(`\uFEFF${text}`, 'utf16le').swap16()],
])('reads files that begin with a byte order mark: %s', async (_, bytes) => {
  const write = (file: string, content: object) => {
    writeFileSync(join(directory, file), bytes(JSON.stringify(content)));
    return join(directory, file);
  };
  const results = [{ ruleId: 'a', message: { text: 'x' } }];
  const sarif = { version: '2.1.0', runs: [{ tool: { driver: { name: 'BinSkim' } }, results }] };
  const { open, reasons } = await check({
    sarif: [write('a.sarif', sarif)],
    pipAudit: [write('a.json', { dependencies: [{ name: 'a', version: '1', vulns: [] }] })],
    threshold: 'critical',
    maxAgeDays: 7,
  });
  expect({ open, reasons }).toEqual({
    open: true,
    reasons: [
      `${join(directory, 'a.json')}: nothing found`,
      `${join(directory, 'a.sarif')}: 1 finding, 0 of severity critical`,
    ],
  });
});

test('a finding without a severity closes it at every threshold, and results elsewhere are no answer', async () => {
  const write = (file: string, run: object) => {
    const log = { version: '2.1.0', runs: [{ tool: { driver: { name: 'gitleaks' } }, ...run }] };
    writeFileSync(join(directory, file), JSON.stringify(log));
    return join(directory, file);
  };
  const results = [{ ruleId: 'aws-access-token', message: { text: 'a key' } }];
  const leak = write('leak.sarif', { results });
  const elsewhere = write('elsewhere.sarif', {
    ...{ results: [], externalPropertyFileReferences: { results: [{}] } },
  });
  const { open, reasons } = await check({ sarif: [leak, elsewhere], threshold: 'critical' });
  expect({ open, reasons }).toEqual({
    open: false,
    reasons: [
      `${elsewhere}: the results are in other files (externalPropertyFileReferences), which ` +
        'Plimsoll does not read. Write all results into this file. There is no data, so the gate ' +
        'stays closed.',
      `${leak}: aws-access-token@gitleaks (unknown) in gitleaks: a key. The source does not name ` +
        'the severity of the finding, so the finding counts as critical. Fix the finding, or let an approver waive ' +
        'it: plimsoll waive shop production aws-access-token@gitleaks --reason "why" ' +
        '--until DAY',
    ],
  });
});

const all = { github: ['code-scanning', 'dependabot', 'secret-scanning'] };

test('a free private repository has none of the scanners: accepted beside another source alone', async () => {
  const none = await check(all);
  expect(none.open).toBe(false);
  expect(none.reasons[0]).toBe(
    "GitHub's code-scanning is not available (403: Advanced Security must be enabled for this " +
      'repository to use code scanning.) and no other source was read: there is no data. Add ' +
      'npm, pipAudit, reports or sarif under "audit" in plimsoll.yaml.',
  );
  const beside = await check({ ...all, reports: ['audits/ana.json'] });
  expect(beside).toMatchObject({
    open: true,
    reasons: [
      'audits/ana.json: nothing found',
      "GitHub's code-scanning: not available, 403: Advanced Security must be enabled for this repository to use code scanning.",
      "GitHub's dependabot: not available, 403: Dependabot alerts are disabled for this repository.",
      "GitHub's secret-scanning: not available, 404: Secret scanning is disabled on this repository.",
    ],
  });
});

test("the alerts of GitHub's scanners, all pages, never the secret", async () => {
  hub.setAlerts(name, {
    'code-scanning': Array.from({ length: 101 }, (_, index) => ({
      ...{ rule: 'js/sql', path: 'src/db.ts', level: index === 100 ? 'critical' : 'low' },
    })) as [],
    dependabot: [{ ghsa, severity: 'medium', package: 'minimist', summary: 'Pollution' }],
    'secret-scanning': [{ type: 'Stripe key' }],
  });
  const { open, reasons } = await check(all);
  expect(open).toBe(false);
  expect(reasons.map((why) => why.split('. Fix')[0])).toEqual([
    "GitHub's code-scanning: code-scanning/101 (critical) in src/db.ts: breaks js/sql",
    "GitHub's secret-scanning: secret-scanning/1 (critical) in the repository: Stripe key",
  ]);
  expect(JSON.stringify(reasons)).not.toContain('never-to-be-read');
});

test.each([
  [null, 'unknown'],
  ['error', 'high'],
  ['none', 'info'],
] as const)(
  'a rule of severity %s is %s, and one that says nothing closes every threshold',
  async (severity, read) => {
    hub.setAlerts(name, {
      'code-scanning': [{ rule: 'js/sql', path: 'src/db.ts', level: null, severity }],
    });
    const { open, reasons } = await check({ github: ['code-scanning'], threshold: 'critical' });
    const found = `code-scanning/1 (${read}) in src/db.ts: breaks js/sql`;
    expect([open, reasons.join().includes(found)]).toEqual([severity !== null, severity === null]);
  },
);

test.each<[string, object[], string]>([
  [
    'on no branch',
    [],
    "GitHub's code-scanning: no scan ever ran on main. Scan this branch, or correct",
  ],
  [
    'on another branch',
    [{ ref: 'refs/heads/x', sha: 'a'.repeat(40), at: '2026-01-01T00:00:00Z' }],
    'no scan ever ran on main',
  ],
  [
    'a year ago',
    [{ sha: 'a'.repeat(40), at: '2020-01-01T00:00:00Z' }],
    'the report of 2020-01-01 is about another commit',
  ],
  [
    'in vain',
    [{ sha: 'a'.repeat(40), at: new Date().toISOString(), error: 'x' }],
    'ended in an error',
  ],
])('code scanning that ran %s is not "no findings"', async (_, analyses, why) => {
  hub.setAlerts(name, { 'code-scanning': [], analyses: analyses as never });
  const { open, reasons } = await check({ github: ['code-scanning'] });
  expect(open).toBe(false);
  expect(reasons[0]).toContain(why);
  const of = [
    { sha: 'a'.repeat(40), at: '2026-02-01T00:00:00Z' },
    { sha: shas[0], at: '2020-01-01T00:00:00Z' },
  ];
  hub.setAlerts(name, { 'code-scanning': [], analyses: of as never });
  expect(await check({ github: ['code-scanning'] })).toMatchObject({ open: true });
  hub.setAlerts(name, { analyses: undefined as never });
});

test.each<[string, () => void, string, string]>([
  [
    'a scanner that never ran',
    () => hub.setAlerts(name, { 'code-scanning': 'never-ran' }),
    'gh-token',
    "GitHub's code-scanning: GitHub could not answer the request for the code-scanning alerts of acme/shop (404)",
  ],
  [
    'a token that may not read its alerts',
    () => hub.setAlerts(name, { 'code-scanning': 'out-of-scope' }),
    'gh-token',
    "GitHub's code-scanning: GitHub refused the request for the code-scanning alerts of acme/shop, because the token in GITHUB_TOKEN has no permission (403)",
  ],
  [
    'a token that is not known',
    () => {},
    'wrong',
    "GitHub's code-scanning: GitHub refused the request for the code-scanning alerts of acme/shop, because it does not know the token in GITHUB_TOKEN (401)",
  ],
])('%s is not "not available"', async (_, prepare, token, why) => {
  prepare();
  const { open, reasons } = await check(
    { github: ['code-scanning'], reports: ['audits/ana.json'] },
    token,
  );
  expect(open).toBe(false);
  expect(reasons[0]).toContain(why);
});

test.each(['429', '500-before', 'drop-before'] as const)(
  '%s of GitHub is left to the next attempt',
  async (kind) => {
    hub.setAlerts(name, { dependabot: [] });
    at.board.arm({ service: 'github', match: 'dependabot', kind, times: 1 });
    await expect(check({ github: ['dependabot'] })).rejects.toMatchObject({ type: 'Unavailable' });
    expect((await check({ github: ['dependabot'] })).open).toBe(true);
  },
);

test('without GitHub its scanners are a source that failed', async () => {
  const { reasons } = await check({ github: ['dependabot'] }, null);
  expect(reasons).toEqual([
    `GitHub's dependabot: GitHub is not configured for this project. Set "github: owner/name" ` +
      'and the token. There is no data, so the gate stays closed.',
  ]);
});

test('a gate whose configuration was removed is closed', async () => {
  const { open, reasons } = await check(undefined as unknown as object);
  expect({ open, reasons }).toEqual({
    ...{ open: false },
    reasons: [
      'no audit source is configured, so the gate can prove nothing. Name a source under ' +
        '"audit" in plimsoll.yaml.',
    ],
  });
});
