import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readJunit } from '../../../activities/gates/junit.ts';
import { createTestsGate } from '../../../activities/gates/tests.ts';
import { createGitHub } from '../../../activities/github.ts';
import type { Config, Project } from '../../../domain/schema.ts';
import { startGithub } from '../../../sandbox/github.ts';
import type { Github } from '../../../sandbox/github.ts';
import { hostAndGit } from '../git/host.ts';
import { planFor } from '../plan-fixture.ts';

const report = (cases: string, attributes = '') =>
  `<?xml version="1.0"?><testsuites><testsuite name="a" ${attributes}>${cases}</testsuite></testsuites>`;
const good = report(
  '<testcase classname="cart" name="adds &lt;1&gt;"/><testcase classname="pay" name="charges"/>',
);

describe('a JUnit report', () => {
  test('is counted by its test cases', () => {
    expect(readJunit(good)).toEqual({
      tests: 2,
      failures: 0,
      skipped: [],
      names: ['cart.adds <1>', 'pay.charges'],
    });
  });

  test.each([
    ['<testcase name="x"><failure/></testcase>', { failures: 1 }],
    ['<testcase name="x"><error message="m">boom</error></testcase>', { failures: 1 }],
    ['<testcase name="x"><skipped/></testcase>', { skipped: ['x'] }],
    ['<testcase name="x" status="notrun"/>', { skipped: ['x'] }],
    ['<testsuite><testcase name="deep"><skipped/></testcase></testsuite>', { skipped: ['deep'] }],
  ])('%s', (cases, expected) => expect(readJunit(report(cases))).toMatchObject(expected));

  test('of a suite that broke before its tests has its failures', () => {
    expect(readJunit(report('', 'tests="0" errors="1"'))).toMatchObject({ tests: 0, failures: 1 });
  });

  test.each([
    ['', 'empty'],
    ['<testsuites><testsuite>', 'cut off'],
    ['<html></html>', 'something else'],
    [report('<testcase name="x"/>', 'skipped="2"'), 'skips that it does not name'],
  ])('is malformed: %s (%s)', (xml) => expect(readJunit(xml)).toBe('malformed'));

  test('expands no entity', () => {
    const lol = '<!DOCTYPE t [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>';
    const xml = `<?xml version="1.0"?>${lol}<testsuites><testsuite><testcase name="&b;"/></testsuite></testsuites>`;
    expect(JSON.stringify(readJunit(xml))).not.toContain('aaaaaaaaaa');
  });
});

describe('the tests gate', () => {
  let at: Awaited<ReturnType<typeof hostAndGit>>;
  let hub: Github;
  let sha: string;
  const name = 'acme/shop';
  beforeAll(async () => {
    at = await hostAndGit();
    const { repositories } = at.host;
    hub = await startGithub({ board: at.board, repositories, token: 'gh-token' });
    [sha] = (await at.host.createRepository(name, [
      { files: { 'junit.xml': good, 'bad.xml': '<x' }, message: 'First' },
    ])) as [string];
    hub.setCheckRun(name, sha, { name: 'unit', status: 'completed', conclusion: 'success' });
    hub.setStatus(name, sha, { context: 'lint', state: 'success' });
  });
  afterAll(() => Promise.all([hub.close(), at.close()]));

  const check = (tests: Partial<Project['tests']>, token: string | null = 'gh-token') => {
    const settings = { required: ['unit'], critical: [], minimumTests: 0, ...tests };
    const config = { projects: { shop: { tests: settings } } } as unknown as Config;
    const github = token
      ? createGitHub({ api: hub.address, token, variable: 'GITHUB_TOKEN' })
      : null;
    const plan = planFor({ sha, repository: at.host.url(name), github: token ? name : null });
    return createTestsGate({ config, git: at.git, github })({ plan });
  };

  test('is open on required checks, statuses and the report of the tree', async () => {
    const { open, reasons, gate } = await check({ required: ['unit', 'lint'], junit: 'junit.xml' });
    expect({ open, reasons, gate }).toEqual({
      gate: 'tests',
      open: true,
      reasons: ['2 required checks succeeded: unit, lint', 'JUnit: 2 tests, 0 failed, 0 skipped'],
    });
  });

  test.each([
    [{ required: ['e2e'] }, /required check "e2e" is absent/],
    [{ junit: 'none.xml' }, /report is missing in the tree/],
    [{ junit: 'bad.xml' }, /cannot be parsed/],
    [{ junit: 'junit.xml', minimumTests: 3 }, /2 tests ran, at least 3 must/],
    [{ junit: 'junit.xml', critical: ['refund*'] }, /no test fits the critical pattern "refund\*"/],
  ])('is closed: %j', async (tests, why) => {
    const { open, reasons } = await check(tests);
    expect(open).toBe(false);
    expect(reasons.join('\n')).toMatch(why);
  });

  test('tells what it saw although GitHub refuses it', async () => {
    const { open, reasons } = await check({ junit: 'bad.xml' }, 'wrong');
    expect(open).toBe(false);
    expect(reasons[0]).toContain(
      'could not be read: GitHub does not know the token in GITHUB_TOKEN',
    );
    expect(reasons.join('\n')).toContain('the JUnit report cannot be parsed');
  });

  test('throws what may be read later', async () => {
    at.board.arm({ service: 'github', match: 'check-runs', kind: '500-before', times: 1 });
    await expect(check({})).rejects.toMatchObject({ type: 'Unavailable' });
  });

  test('without GitHub is closed and says how to do without', async () => {
    const { open, reasons } = await check({}, null);
    expect(open).toBe(false);
    expect(reasons[0]).toBe(
      'could not be read: the checks of shop, because GitHub is not configured for it: set ' +
        '"github: owner/name" and the token under "github:" in plimsoll.yaml, or commit a JUnit ' +
        'report, name it as tests.junit and set "required: [junit]". Nothing is known, so the ' +
        'gate stays closed.',
    );
    expect((await check({ junit: 'junit.xml' }, null)).open).toBe(false);
  });

  test('without GitHub opens on the report, where that is what is required', async () => {
    expect((await check({ required: ['junit'], junit: 'junit.xml' }, null)).open).toBe(true);
    expect((await check({ required: ['junit'], junit: 'none.xml' }, null)).open).toBe(false);
    expect((await check({ required: ['junit'] }, null)).open).toBe(false);
  });
});
