import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { readJunit, readJunits } from '../../../activities/gates/junit.ts';
import { createTestsGate } from '../../../activities/gates/tests.ts';
import { createGitHub } from '../../../activities/github/github.ts';
import type { Config, Project } from '../../../domain/config/config.ts';
import { startGithub } from '../../../sandbox/github/github.ts';
import type { Github } from '../../../sandbox/github/github.ts';
import { hostAndGit } from '../git/host.ts';
import { planFor } from '../plan/plan-fixture.ts';
import { zipOf } from './zip.ts';
import type { CiJob } from '../../../domain/deploy/ci-job.ts';
import type { TokenRights } from '../../../sandbox/github/tokens.ts';

const report = (cases: string, attributes = '') =>
  `<?xml version="1.0"?><testsuites><testsuite name="a" ${attributes}>${cases}</testsuite></testsuites>`;
const skippedTwelve = report('<testcase name="x"><skipped/></testcase>'.repeat(12));
const two = '<testcase name="x"/><testcase name="y"/>';
const written = new URL('../../fixtures/node-tests.mjs', import.meta.url);
const good = report(
  '<testcase classname="cart" name="adds &lt;1&gt;"/><testcase classname="pay" name="charges"/>',
);
const odd = report('<testcase name="x" status="odd"/>');

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

  const broken = '<testsuite errors="1"/>';
  test.each([
    [report('', 'tests="0" errors="1"'), 0, 1],
    [report(broken), 0, 1],
    [report(`${two}<testsuite>${broken}</testsuite>`), 2, 1],
    [report(`${broken}${broken}`, 'errors="2"'), 0, 2],
    [report(`${broken}${broken}`, 'errors="1"'), 0, 2],
    [report(`${two}<error message="no such module"/>`), 2, 1],
    [report(broken, 'tests="5"'), 0, 1],
    [`<testsuite failures="1">${two}</testsuite>`, 2, 1],
    [`<testsuites failures="1"><testsuite>${two}</testsuite></testsuites>`, 2, 1],
  ])('of a suite that broke before its tests has its failures: %s', (xml, tests, failures) => {
    expect(readJunit(xml)).toMatchObject({ tests, failures });
  });

  test('has the tests that lie in no suite', () => {
    const alone = '<testcase name="alone"><failure/></testcase>';
    expect(readJunit(`<testsuites>${alone}<testsuite>${two}</testsuite></testsuites>`)).toEqual({
      ...{ tests: 3, failures: 1, skipped: [], names: ['alone', 'x', 'y'] },
    });
  });

  test.each([
    [
      'whose suites repeat what theirs hold',
      `<testsuite tests="2">${two}</testsuite>`,
      'tests="2"',
    ],
    [
      'whose suites count what lies right below',
      `<testsuite tests="2">${two}</testsuite>`,
      'tests="1"',
    ],
    ['without numbers', two, ''],
  ])('%s is whole', (_, cases, attributes) => {
    expect(readJunit(report(cases, attributes))).toMatchObject({ tests: 2, failures: 0 });
  });

  test('as Node writes it is counted', async () => {
    const report = ['--test', '--test-reporter=junit', fileURLToPath(written)];
    const { stdout } = await promisify(execFile)(process.execPath, report);
    expect(readJunit(stdout)).toMatchObject({
      ...{ tests: 5, failures: 0 },
      skipped: ['test.skipped alone', 'outer.skipped'],
    });
  });

  test.each([
    ['', 'empty'],
    ['<testsuites><testsuite>', 'cut off'],
    ['<html></html>', 'something else'],
  ])('is malformed: %s (%s)', (xml) => expect(readJunit(xml)).toBe('malformed'));

  test.each([
    [report('<testcase name="x"/>', 'skipped="2"'), 'skips that it does not name'],
    [report(two, 'tests="500"'), 'tests that it does not hold'],
    [report(`<testsuite tests="3">${two}</testsuite>`), 'inner tests that it does not hold'],
    [`<testsuites tests="3"><testsuite>${two}</testsuite></testsuites>`, 'the same, outermost'],
  ])('is partial: %s (%s)', (xml) => expect(readJunit(xml)).toBe('partial'));

  test.each(['malformed', 'partial'] as const)('of several, of which one is %s', (what) => {
    const bad = what === 'partial' ? report(two, 'tests="500"') : '<html/>';
    expect(readJunits([good, bad, good])).toBe(what);
  });

  test('is malformed where nobody can have nested it so deep', () => {
    const [begin, end] = ['<testsuite>', '</testsuite>'].map((tag) => tag.repeat(1000));
    expect(readJunit(`${begin}${two}${end}`)).toBe('malformed');
  });

  test.each([
    ['&#60;b&#62;', '<b>'],
    ['&#x3C;b&#x3e;', '<b>'],
    ['caf&#233; &#x1F600;', 'café \u{1F600}'],
    ['&amp;#60;', '&#60;'],
    ['&#xD800; &#x110000; &#9999999;', '&#xD800; &#x110000; &#9999999;'],
  ])('reads the characters of the name %s', (written, name) => {
    const xml = `<testsuite><testcase name="${written}"/></testsuite>`;
    expect(readJunit(xml)).toMatchObject({ names: [name] });
  });

  test('expands no entity', () => {
    const dtd = '<!DOCTYPE t [<!ENTITY one "aaaaaaaaaa">]>';
    const xml = `<?xml version="1.0"?>${dtd}<testsuite><testcase name="&one;"/></testsuite>`;
    expect(readJunit(xml)).toEqual({ tests: 1, failures: 0, skipped: [], names: ['&one;'] });
  });
});

describe('the tests gate', () => {
  const rules = 'rulesets, branch protection';
  const source = `required checks were read from tests.required, ${rules}`;
  let at: Awaited<ReturnType<typeof hostAndGit>>;
  let hub: Github;
  let sha: string;
  const name = 'acme/shop';
  beforeAll(async () => {
    at = await hostAndGit();
    const { repositories } = at.host;
    hub = await startGithub({ board: at.board, repositories, token: 'gh-token' });
    [sha] = (await at.host.createRepository(name, [
      {
        files: {
          ...{ 'junit.xml': good, 'bad.xml': '<x', 'idle.xml': skippedTwelve },
          ...{ 'utf8.xml': `\uFEFF${good}`, 'odd.xml': odd },
          'utf16le.xml': Buffer.from(`\uFEFF${good}`, 'utf16le'),
          'utf16be.xml': Buffer.from(`\uFEFF${good}`, 'utf16le').swap16(),
        },
        message: 'First',
      },
    ])) as [string];
    hub.setCheckRun(name, sha, { name: 'unit', status: 'completed', conclusion: 'success' });
    hub.setStatus(name, sha, { context: 'lint', state: 'success' });
  });
  afterAll(() => Promise.all([hub.close(), at.close()]));

  type How = {
    ci?: CiJob;
    wait?: boolean;
    api?: string;
    environments?: object;
    timeScale?: number;
  };
  const check = (
    tests: Partial<Project['tests']>,
    token: string | null = 'gh-token',
    { wait = false, api = hub.address, environments = {}, timeScale = 60, ...given }: How = {},
  ) => {
    const settings = { required: ['unit'], critical: [], minimumTests: 0, ...tests };
    const shop = { tests: settings, branch: 'main', environments };
    const config = { projects: { shop }, sandbox: true, timeScale } as unknown as Config;
    const github = token ? createGitHub({ api, token, variable: 'GITHUB_TOKEN' }) : null;
    const repository = at.host.url(name);
    const plan = planFor({ sha, repository, github: token ? name : null, ...given });
    return createTestsGate({ config, git: at.git, github })({ plan, wait });
  };

  test('is open on required checks, statuses and the report of the tree', async () => {
    const { open, reasons, gate } = await check({ required: ['unit', 'lint'], junit: 'junit.xml' });
    expect({ open, reasons, gate }).toEqual({
      gate: 'tests',
      open: true,
      reasons: [
        '2 required checks succeeded: unit, lint',
        'JUnit: 2 tests, 0 failed, 0 skipped',
        source,
      ],
    });
  });

  test.each([
    [{ required: ['e2e'] }, /required check "e2e" has no result/],
    [{ junit: 'none.xml' }, /report is missing in the tree/],
    [{ junit: 'bad.xml' }, /cannot be parsed/],
    [{ junit: 'junit.xml', minimumTests: 3 }, /2 tests ran, but at least 3 must run/],
    [{ junit: 'junit.xml', critical: ['refund*'] }, /no test fits the critical pattern "refund\*"/],
  ])('is closed: %j', async (tests, why) => {
    const { open, reasons } = await check(tests);
    expect(open).toBe(false);
    expect(reasons.join('\n')).toMatch(why);
  });

  test.each(['utf8.xml', 'utf16le.xml', 'utf16be.xml'])(
    'reads a report that begins with a byte order mark: %s',
    async (junit) => {
      const { open, reasons } = await check({ required: ['junit'], junit }, null);
      expect({ open, reasons }).toEqual({
        open: true,
        reasons: [
          '1 required check succeeded: junit',
          'JUnit: 2 tests, 0 failed, 0 skipped',
          'required checks were read from tests.required',
        ],
      });
    },
  );

  test('is closed by a result with a word that is not known', async () => {
    const { open, reasons } = await check({ required: ['junit'], junit: 'odd.xml' }, null);
    expect({ open, reasons }).toEqual({
      open: false,
      reasons: [
        'required check "junit" ended failure. Fix the failure or run the check again, then deploy ' +
          'again.',
        'JUnit: the result of 1 test is not known: x (status="odd"). Plimsoll knows the words ' +
          'passed, failed and skipped. Let the program that writes the report use these words, or ' +
          'leave the word out.',
        'JUnit: 0 tests ran, but at least 1 must run. Find the tests that did not run.',
      ],
    });
  });

  test('reports what it read although GitHub refuses the rest', async () => {
    const { open, reasons } = await check({ junit: 'bad.xml' }, 'wrong');
    expect(open).toBe(false);
    expect(reasons[0]).toContain('because it does not know the token in GITHUB_TOKEN (401)');
    expect(reasons.join('\n')).toContain('the JUnit report cannot be parsed');
  });

  test('throws what may be read later', async () => {
    at.board.arm({ service: 'github', match: 'check-runs', kind: '500-before', times: 1 });
    await expect(check({})).rejects.toMatchObject({ type: 'Unavailable' });
  });

  describe('with the rules of the branch', () => {
    const free = { rulesets: null, protection: null };
    afterEach(() => hub.setRules(name, { rulesets: {}, protection: {} }));

    test('a free private repository deploys with the names that are configured, and not without', async () => {
      hub.setRules(name, free);
      const upgrade =
        '403: Upgrade to GitHub Pro or make this repository public to enable this feature.';
      const { open: named, reasons: seen } = await check({ required: ['unit'] });
      expect([named, seen]).toEqual([
        true,
        [
          '1 required check succeeded: unit',
          'required checks were read from tests.required; GitHub did not show: ' +
            `rulesets: ${upgrade}, branch protection: ${upgrade}`,
        ],
      ]);
      const { open, reasons } = await check({ required: [] });
      expect({ open, reasons }).toEqual({
        open: false,
        reasons: [
          'no check is required, so the gate can prove nothing. To require one, add under "tests" ' +
            'in plimsoll.yaml: required: ["unit", "lint"]. Then start the worker again. GitHub did ' +
            `not show the rules of the branch (rulesets: ${upgrade}, branch protection: ${upgrade}).`,
        ],
      });
    });

    test('rulesets and branch protection require beside the configuration', async () => {
      hub.setRules(name, { rulesets: { main: [{ context: 'lint' }] } });
      expect(await check({ required: [] })).toMatchObject({
        open: true,
        reasons: ['1 required check succeeded: lint', `required checks were read from ${rules}`],
      });
      hub.setRules(name, { protection: { main: [{ context: 'e2e' }], other: [{ context: 'x' }] } });
      expect((await check({ required: ['unit'] })).reasons).toEqual([
        'required check "e2e" has no result on this commit. Let CI run this check: the rules of the ' +
          'branch require it.',
      ]);
    });

    test('a check that one app is trusted for counts from that app alone', async () => {
      hub.setRules(name, { rulesets: { main: [{ context: 'built', app: 15368 }] } });
      const report = (app: number) =>
        hub.setCheckRun(name, sha, {
          ...{ name: 'built', status: 'completed', conclusion: 'success', app },
        });
      report(7);
      expect((await check({})).open).toBe(false);
      report(15368);
      expect((await check({})).open).toBe(true);
    });

    const succeeded = '1 required check succeeded: unit';

    test('a branch that is protected by reviews alone requires no check', async () => {
      hub.setRules(name, { protection: { main: 'no-checks' } });
      expect(await check({})).toMatchObject({ open: true, reasons: [succeeded, source] });
    });

    test.each<[string, TokenRights, string]>([
      [
        'of a member who is no administrator',
        { kind: 'classic', scopes: ['repo'], role: 'write' },
        '404: Not Found; only an administrator of the repository can read it',
      ],
      [
        'of an App without the permission for administration',
        { kind: 'app', permissions: { checks: 'read', statuses: 'read', actions: 'read' } },
        '403: Resource not accessible by integration',
      ],
    ])('a token %s leaves out protection, and the plan says so', async (_, rights, why) => {
      const { repositories } = at.host;
      const tokens = { 'gh-token': rights };
      const site = await startGithub({ board: at.board, repositories, token: 'other', tokens });
      site.setCheckRun(name, sha, { name: 'unit', status: 'completed' });
      site.setRules(name, { protection: { main: [{ context: 'hidden' }] } });
      const how = { api: site.address };
      const { open, reasons } = await check({}, 'gh-token', how);
      const without = await check({ required: [] }, 'gh-token', how);
      await site.close();
      expect({ open, reasons }).toEqual({
        open: true,
        reasons: [
          succeeded,
          'required checks were read from tests.required, rulesets; GitHub did not show: branch ' +
            `protection: ${why}`,
        ],
      });
      expect([without.open, without.reasons]).toEqual([
        false,
        [
          'no check is required, so the gate can prove nothing. To require one, add under "tests" ' +
            'in plimsoll.yaml: required: ["unit"]. Then start the worker again. GitHub did not show ' +
            `the rules of the branch (branch protection: ${why}).`,
        ],
      ]);
    });

    test('of other types are told, and a required workflow that ran counts', async () => {
      const path = '.github/workflows/secure.yml';
      const run = hub.startRun(name, sha, { path, event: 'merge_group' });
      hub.setCheckRun(name, sha, { name: 'scan', status: 'completed', run });
      hub.setRules(name, {
        rulesets: {
          main: [
            { type: 'workflows', parameters: { workflows: [{ path, repository_id: 1 }] } },
            {
              type: 'code_scanning',
              parameters: {
                code_scanning_tools: [
                  {
                    tool: 'CodeQL',
                    ...{ alerts_threshold: 'errors', security_alerts_threshold: 'high_or_higher' },
                  },
                ],
              },
            },
            {
              type: 'required_deployments',
              parameters: { required_deployment_environments: ['staging'] },
            },
            {
              type: 'merge_queue',
              parameters: {
                ...{ check_response_timeout_minutes: 60, grouping_strategy: 'ALLGREEN' },
                ...{ max_entries_to_build: 5, max_entries_to_merge: 5, min_entries_to_merge: 1 },
                ...{ merge_method: 'MERGE', min_entries_to_merge_wait_minutes: 5 },
              },
            },
          ],
        },
      });
      expect(await check({})).toMatchObject({
        open: true,
        reasons: [
          '2 required checks succeeded: unit, scan',
          source,
          'the rules for merges also ask for code scanning by CodeQL, a deployment to staging, a ' +
            'merge queue; this gate does not check that',
        ],
      });
    });

    test('are asked again where GitHub broke or limits us', async () => {
      for (const kind of ['429', '500-before', 'drop-before'] as const) {
        at.board.arm({ service: 'github', match: 'rules/branches', kind, times: 1 });
        await expect(check({})).rejects.toMatchObject({ type: 'Unavailable' });
      }
    });
  });

  describe('with an artifact of Actions', () => {
    const artifact = 'junit-report';
    const store = (zip: Buffer, over = {}) =>
      hub.storeArtifact(name, { sha, name: artifact, zip, ...over });
    const again = 'Let CI make the artifact again for this commit, or correct tests.artifact';
    const closed = (why: string, remedy = `${again} in plimsoll.yaml`) => ({
      open: false,
      reasons: [
        `a source could not be read: the artifact "junit-report" of this commit, because ${why}. ` +
          `${remedy}. There is no data, so the gate stays closed.`,
      ],
    });

    test('is closed without one, and on one of another commit or name', async () => {
      store(zipOf([{ name: 'a.xml', text: good }]), { sha: 'f'.repeat(40) });
      store(zipOf([{ name: 'a.xml', text: good }]), { name: 'coverage' });
      expect(await check({ artifact })).toMatchObject(
        closed('GitHub Actions made no artifact of that name for this commit'),
      );
    });

    test('counts every report in the newest', async () => {
      store(zipOf([{ name: 'bad.xml', text: report('<testcase name="x"><failure/></testcase>') }]));
      store(zipOf(['a.xml', 'b/c.xml', 'log.txt'].map((file) => ({ name: file, text: good }))));
      const { open, reasons } = await check({ artifact, minimumTests: 4, critical: ['pay.*'] });
      expect({ open, reasons }).toEqual({
        open: true,
        reasons: [
          '1 required check succeeded: unit',
          'JUnit: 4 tests, 0 failed, 0 skipped',
          source,
        ],
      });
      expect((await check({ artifact, minimumTests: 5 })).open).toBe(false);
    });

    test.each<[string, Buffer, object, string]>([
      ['expired', zipOf([]), { expired: true }, 'it has expired at GitHub'],
      ['no zip', Buffer.from('{"message":"no"}'), {}, 'it is not a complete zip archive'],
      ['without a report', zipOf([{ name: 'a.txt', text: good }]), {}, 'it contains no .xml file'],
      ['too large', Buffer.alloc(21 * 1024 * 1024), {}, 'it has 22 MB, but at most 20 MB are read'],
    ])('is closed by one that is %s', async (_, zip, over, why) => {
      store(zip, over);
      expect(await check({ artifact })).toMatchObject(closed(why));
    });

    test('is closed where one report of several cannot be parsed', async () => {
      store(
        zipOf([
          { name: 'a.xml', text: good },
          { name: 'b.xml', text: good.slice(0, 60) },
        ]),
      );
      expect((await check({ artifact })).reasons).toEqual([
        'the JUnit report cannot be parsed, so its numbers are unknown. Fix the program that ' +
          'writes it.',
      ]);
    });

    test('is asked again where GitHub broke', async () => {
      for (const match of ['actions/runs', 'artifacts', '/zip'])
        await expect(
          (at.board.arm({ service: 'github', match, kind: '500-before', times: 1 }),
          check({ artifact })),
        ).rejects.toMatchObject({ type: 'Unavailable' });
    });

    test('needs GitHub', async () => {
      const { open, reasons } = await check({ artifact }, null);
      expect(open).toBe(false);
      expect(reasons[0]).toContain('because GitHub is not configured for this project');
    });
  });

  describe('asked by a job of GitHub Actions', () => {
    const deployJobs = { ship: 'Ship it' };
    const failedBefore = 'check "Ship it" ended failure.';
    let run: number;
    const job = (over: object) =>
      hub.setCheckRun(name, sha, { name: 'Ship it', status: 'in_progress', run, ...over });
    const from = (id = run, over = {}) => ({
      ci: { repository: 'Acme/shop', run: `${id}`, job: 'ship', ...over },
    });
    beforeAll(() => {
      run = hub.startRun(name, sha, { path: '.github/workflows/deploy.yml' });
      job({});
    });

    test('opens while that job runs, and when it has failed', async () => {
      const own = (state: string) =>
        `check "Ship it" (${state}) does not count: it is the job that requested this deploy, in run ${run}`;
      const running = await check({ deployJobs }, 'gh-token', from());
      expect(running).toMatchObject({ open: true });
      expect(running.reasons).toContain(own('in_progress'));
      job({ status: 'completed', conclusion: 'failure' });
      const failed = await check({ deployJobs }, 'gh-token', from());
      expect(failed).toMatchObject({ open: true });
      expect(failed.reasons).toContain(own('failure'));
    });

    test('opens again when the job runs again after it failed', async () => {
      job({ status: 'in_progress' });
      expect(await check({ deployJobs }, 'gh-token', from())).toMatchObject({ open: true });
      job({ status: 'completed', conclusion: 'failure' });
    });

    test('stays closed for another run, for another job, by hand, and for another repository', async () => {
      for (const how of [
        from(run + 1),
        from(run, { job: 'other' }),
        from(run, { repository: 'acme/other' }),
        {},
      ]) {
        const { open, reasons } = await check({ deployJobs }, 'gh-token', how);
        expect(open).toBe(false);
        expect(reasons.join()).toContain(failedBefore);
      }
    });

    test('opens by hand where plimsoll.yaml ignores the job, and the approvers read it', async () => {
      const ignore = [{ check: 'Ship it', reason: 'the job that requests deploys' }];
      expect(await check({ deployJobs, ignore })).toMatchObject({ open: true, loud: 1 });
    });
  });

  test('leaves out what the deploy itself causes at GitHub', async () => {
    const ignore = [{ check: 'Ship it', reason: 'the job that requests deploys' }];
    const run = hub.startRun(name, sha, { path: 'a.yml', event: 'deployment_status' });
    const conclusion = 'failure';
    hub.setCheckRun(name, sha, { name: 'notify', status: 'completed', conclusion, run });
    expect((await check({ ignore })).reasons.join()).toContain('check "notify" ended failure');
    const deploy = (payload: object) =>
      fetch(`${hub.address}/repos/${name}/deployments`, {
        method: 'POST',
        headers: { authorization: 'Bearer gh-token' },
        body: JSON.stringify({ ref: sha, required_contexts: [], auto_merge: false, payload }),
      });
    await deploy({ deployId: 'd-1' });
    expect((await check({ ignore })).reasons).toContain(
      'check "notify" (failure) does not count: it is started by a GitHub deployment that Plimsoll made',
    );
    await deploy({ of: 'another program' });
    expect((await check({ ignore })).reasons.join()).toContain('check "notify" ended failure');
    ignore.push({ check: 'notify', reason: 'only a note' });
    hub.setStatus(name, sha, { context: 'Vercel', state: 'failure' });
    expect((await check({ ignore })).open).toBe(false);
    const environments = { production: { platform: 'vercel', project: 'shop' } };
    const built = await check({ ignore }, 'gh-token', { environments });
    expect(built.reasons).toContain(
      'check "Vercel" (failure) does not count: it is the platform\'s build of this commit',
    );
    hub.setStatus(name, sha, { context: 'Vercel', state: 'success' });
  });

  test('waits for a required check that runs, and not for `plan`', async () => {
    const required = ['unit', 'slow'];
    hub.setCheckRun(name, sha, { name: 'slow', status: 'in_progress' });
    const ignore = ['Ship it', 'notify'].map((one) => ({ check: one, reason: 'only a note' }));
    expect((await check({ required, ignore })).reasons).toEqual([
      'required check "slow" is in_progress: the check has not finished. Wait for the check, then deploy ' +
        'again.',
    ]);
    const waiting = check({ required, ignore }, 'gh-token', { wait: true });
    hub.setCheckRun(name, sha, { name: 'slow', status: 'completed' });
    expect(await waiting).toMatchObject({ open: true });
  });

  test('waits 15 minutes by default', async () => {
    const tests = {
      required: ['unit', 'stuck'],
      ignore: ['Ship it', 'notify'].map((one) => ({ check: one, reason: 'only a note' })),
    };
    hub.setCheckRun(name, sha, { name: 'stuck', status: 'in_progress' });
    const from = performance.now();
    // Fifteen minutes take 1.5 s.
    expect(await check(tests, 'gh-token', { wait: true, timeScale: 600 })).toMatchObject({
      open: false,
    });
    expect(performance.now() - from).toBeGreaterThanOrEqual(1499);
    hub.setCheckRun(name, sha, { name: 'stuck', status: 'completed' });
  });

  test('without GitHub is closed and says how to do without', async () => {
    const { open, reasons } = await check({}, null);
    expect(open).toBe(false);
    expect(reasons[0]).toBe(
      'a source could not be read: the checks of shop, because GitHub is not configured for this project. Set ' +
        '"github: owner/name" and the token under "github:" in plimsoll.yaml. Or commit a JUnit ' +
        'report, set tests.junit to its path, and set "required: [junit]". There is no data, so the ' +
        'gate stays closed.',
    );
    expect((await check({ junit: 'junit.xml' }, null)).open).toBe(false);
  });

  test('without GitHub opens on the report, where that is what is required', async () => {
    expect((await check({ required: ['junit'], junit: 'junit.xml' }, null)).open).toBe(true);
    expect((await check({ required: ['junit'], junit: 'none.xml' }, null)).open).toBe(false);
    expect((await check({ required: ['junit'] }, null)).open).toBe(false);
  });

  test.each([
    [0, 1],
    [10, 10],
  ])('a report of skipped tests opens nothing, minimum %i', async (minimumTests, least) => {
    const tests = { required: ['junit'], junit: 'idle.xml', minimumTests };
    const { open, reasons } = await check(tests, null);
    expect({ open, reasons }).toEqual({
      open: false,
      reasons: [
        'required check "junit" ended failure. Fix the failure or run the check again, then ' +
          'deploy again.',
        `JUnit: 0 tests ran and 12 were skipped, but at least ${least} must run. Find the tests ` +
          'that did not run.',
      ],
    });
  });
});
