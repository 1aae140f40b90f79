import { describe, expect, test } from 'vitest';
import { noOwnFacts } from '../../../domain/gates/own-checks.ts';
import type { OwnFacts } from '../../../domain/gates/own-checks.ts';
import { judgeTests, waitsFor } from '../../../domain/gates/tests.ts';
import type { TestFacts } from '../../../domain/gates/tests.ts';

const run = (name: string, result: string, over: Partial<TestFacts['checkRuns'][number]> = {}) => ({
  name,
  ...(result === 'in_progress' || result === 'queued'
    ? { status: result, conclusion: null }
    : { status: 'completed', conclusion: result }),
  ...over,
});
const base: TestFacts = {
  required: ['test'],
  checkRuns: [run('test', 'success')],
  ...{ statuses: [], junit: null, critical: [], minimumTests: 0, sourceErrors: [] },
};
const judge = (runs: TestFacts['checkRuns'], over: Partial<TestFacts> = {}) =>
  judgeTests({ ...base, checkRuns: [...base.checkRuns, ...runs], ...over });
const succeeded = '1 required check succeeded: test';
const source = 'required checks were read from tests.required';
const ignoreLine = (name: string) =>
  `If this check must not count, add under "tests" in plimsoll.yaml: ignore: [{ check: "${name}", ` +
  'reason: "say why it does not count" }]. Then start the worker again.';

describe('a check that nobody requires', () => {
  test.each([
    ['codecov/patch', 'failure'],
    ['Vercel – docs', 'failure'],
    ['deploy-preview', 'cancelled'],
    ['dependabot-auto-merge', 'action_required'],
    ['stale-bot', 'stale'],
  ])('closes the gate when it failed, and is left out by name: %s %s', (name, result) => {
    expect(judge([run(name, result)])).toEqual({
      ...{ open: false, loud: [] },
      reasons: [
        `check "${name}" ended ${result}. Fix the failure or run the check again, then deploy ` +
          `again. ${ignoreLine(name)}`,
      ],
    });
    const loud = [`check "${name}" ended ${result} and is ignored: only a report`];
    expect(
      judge([run(name, result)], { ignore: [{ check: name, reason: 'only a report' }] }),
    ).toEqual({ open: true, loud, reasons: [...loud, succeeded, source] });
  });

  test('never closes the gate while it is unfinished, and the plan says so', () => {
    const statuses = [{ context: 'Vercel', state: 'pending' }];
    const facts = { statuses, ignore: [{ check: 'lint*', reason: 'only style' }] };
    expect(judge([run('nightly-e2e', 'in_progress')], facts)).toEqual({
      ...{ open: true, loud: [] },
      reasons: [
        succeeded,
        'these checks are not required, so the gate did not wait for them: nightly-e2e, Vercel',
        'tests.ignore "lint*" fits no check here: only style',
        source,
      ],
    });
  });

  test('that did not fail needs no excuse, and the plan shows the excuse all the same', () => {
    const ignore = [{ check: 'codecov/*', reason: 'only a report' }];
    const idle = 'tests.ignore "codecov/*" excuses no failure now: only a report';
    for (const result of ['success', 'in_progress']) {
      const { open, reasons } = judge([run('codecov/patch', result)], { ignore });
      expect([open, reasons.includes(idle)]).toEqual([true, true]);
    }
    const both = judge([run('codecov/patch', 'failure'), run('codecov/project', 'success')], {
      ignore,
    });
    expect(both.reasons).not.toContain(idle);
    expect(both.loud).toEqual([
      'check "codecov/patch" ended failure and is ignored: only a report',
    ]);
  });

  test('that nobody knows the result of is no pass', () => {
    expect(judge([run('odd', 'wonderful')]).open).toBe(false);
  });
});

describe('the runs of one check', () => {
  test('count by their newest in each suite', () => {
    const old = run('e2e', 'failure', { id: 1, suite: 5 });
    expect(judge([old, run('e2e', 'success', { id: 2, suite: 5 })]).open).toBe(true);
    expect(judge([old, run('e2e', 'success', { id: 2, suite: 6 })]).reasons).toEqual([
      'check "e2e" ended failure in 1 of its 2 runs on this commit. Fix the failure or run the ' +
        `check again, then deploy again. ${ignoreLine('e2e')}`,
    ]);
  });
});

describe('the job that requested the deploy', () => {
  const own: OwnFacts = {
    ...noOwnFacts,
    ci: { repository: 'acme/shop', run: '77', job: 'ship' },
    deployJobs: { ship: 'Ship it' },
    jobs: [{ check: 9, name: 'Ship it' }],
  };
  const job = (result: string, id = 9) => run('Ship it', result, { id, suite: 77 });
  const doesNotCount = (result: string) =>
    `check "Ship it" (${result}) does not count: it is the job that requested this deploy, in run 77`;

  test.each(['in_progress', 'failure'])('does not count, and the plan says so: %s', (result) => {
    expect(judge([job(result)], { own })).toEqual({
      ...{ open: true, loud: [] },
      reasons: [succeeded, doesNotCount(result), source],
    });
  });

  test.each<[string, Partial<OwnFacts>, TestFacts['checkRuns'][number], string]>([
    [
      'of another run',
      {},
      job('failure', 8),
      ' This check is a job that requests deploys, but it did not request this deploy.',
    ],
    [
      'in a request that names no job, as by hand',
      { ci: undefined as never },
      job('failure'),
      ' This check is a job that requests deploys, but it did not request this deploy.',
    ],
    [
      'whose run could not be read',
      { jobs: [], unavailable: ['the jobs of run 77: 403: no'] },
      job('failure'),
      ' This check is a job that requests deploys, but it did not request this deploy, or GitHub did not ' +
        'show its run (the jobs of run 77: 403: no).',
    ],
    [
      'that plimsoll.yaml does not name',
      { deployJobs: {} },
      job('failure'),
      ' If this check is the job that requested this deploy, add under "tests" in plimsoll.yaml: ' +
        'deployJobs: { "ship": "Ship it" }. Then start the worker again.',
    ],
    ['with another key', { deployJobs: { other: 'Ship it' } }, job('failure'), ' If this check is'],
  ])('counts %s', (_, over, check, why) => {
    const { open, reasons } = judge([check], { own: { ...own, ...over } });
    expect(open).toBe(false);
    expect(reasons.join()).toContain(
      `check "Ship it" ended failure. Fix the failure or run the check again, then deploy again.${why}`,
    );
    expect(reasons.join()).toContain(ignoreLine('Ship it'));
  });

  test('leaves every other job of its run counting', () => {
    const jobs = [...own.jobs, { check: 10, name: 'lint' }];
    const lint = run('lint', 'failure', { id: 10, suite: 77 });
    expect(judge([lint], { own: { ...own, jobs } }).open).toBe(false);
  });

  test('counts if it is required, and is not waited for, because it waits itself', () => {
    const required = ['test', 'Ship it'];
    const facts = { own, required };
    expect(judge([job('in_progress')], facts).reasons).toEqual([
      'required check "Ship it" is in_progress: it is the job that requested this deploy, so it ' +
        'cannot finish before this gate opens. Take it out of tests.required in plimsoll.yaml, ' +
        'then deploy again.',
    ]);
    const checkRuns = [...base.checkRuns, job('in_progress')];
    expect(waitsFor({ ...base, ...facts, checkRuns })).toEqual([]);
  });

  test('counts if it is required and failed', () => {
    expect(judge([job('failure')], { own, required: ['test', 'Ship it'] })).toEqual({
      ...{ open: false, loud: [] },
      reasons: [
        'required check "Ship it" ended failure. Fix the failure or run the check again, then ' +
          'deploy again.',
      ],
    });
  });
});

describe('checks that the deploy itself causes', () => {
  test("the platform's build of this project does not count, another project's does", () => {
    const own = { ...noOwnFacts, platformChecks: ['Vercel', 'Vercel – shop'] };
    const statuses = [{ context: 'Vercel – shop', state: 'failure' }];
    expect(judge([], { own, statuses })).toEqual({
      ...{ open: true, loud: [] },
      reasons: [
        succeeded,
        'check "Vercel – shop" (failure) does not count: it is the platform\'s build of this commit',
        source,
      ],
    });
    expect(judge([run('Vercel – docs', 'failure')], { own }).open).toBe(false);
    const byRules = [{ name: 'Vercel – shop', appId: null }];
    expect(judge([], { own, statuses, byRules }).open).toBe(false);
  });

  test.each([
    ['deployment', true, true],
    ['deployment_status', true, true],
    ['deployment', false, false],
    ['push', true, false],
  ])('a job that a %s started, all ours: %s', (event, onlyOwnDeployments, open) => {
    const runs = [{ id: 1, suite: 5, event, path: 'a.yml' }];
    const own = { ...noOwnFacts, runs, onlyOwnDeployments };
    expect(judge([run('notify', 'failure', { id: 1, suite: 5 })], { own }).open).toBe(open);
  });
});

describe('rules of merges', () => {
  const path = '.github/workflows/secure.yml';

  test('a workflow that ran on this commit is required, in every job', () => {
    const runs = [{ id: 1, suite: 5, event: 'merge_group', path }];
    const facts = { workflows: [path], own: { ...noOwnFacts, runs } };
    expect(judge([run('scan', 'neutral', { id: 1, suite: 5 })], facts).reasons).toEqual([
      'required check "scan" ended neutral: only success counts. Run the check on this commit.',
    ]);
    expect(judge([run('scan', 'success', { id: 1, suite: 5 })], facts).reasons).toEqual([
      '2 required checks succeeded: test, scan',
      source,
    ]);
  });

  test('what no check of this commit can prove is told', () => {
    const facts = { workflows: [path], otherRules: ['code scanning by CodeQL', 'a merge queue'] };
    expect(judge([], facts)).toEqual({
      ...{ open: true, loud: [] },
      reasons: [
        succeeded,
        source,
        `the rules for merges also ask for the workflow ${path}, code scanning by CodeQL, a merge ` +
          'queue; this gate does not check that',
      ],
    });
  });
});

describe('what is waited for', () => {
  const of = (checkRuns: TestFacts['checkRuns'], over: Partial<TestFacts> = {}) =>
    waitsFor({ ...base, checkRuns, ...over });

  test.each<[string, ReturnType<typeof of>, string[]]>([
    ['a required check that runs', of([run('test', 'in_progress')]), ['test']],
    ['one that may still come', of([run('build', 'in_progress')]), ['test']],
    ['nothing, if nothing runs', of([run('build', 'success')]), []],
    ['nothing, if no check is required', of([run('x', 'queued')], { required: [] }), []],
    ['nothing, if a check failed', of([run('test', 'queued'), run('x', 'failure')]), []],
    ['nothing, if a source is unread', of([run('test', 'queued')], { sourceErrors: ['x'] }), []],
  ])('%s', (_, names, expected) => expect(names).toEqual(expected));
});
