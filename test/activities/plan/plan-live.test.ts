import { unverifiedAuthors } from '../../../domain/messages/parts/authors.ts';
import { beforeEach, describe, expect, test } from 'vitest';
import { openLedger } from '../../../activities/ledger/ledger.ts';
import { defaultBuilds } from '../../../domain/config/builds.ts';
import { failures } from '../../../domain/deploy/failures.ts';
import { digestSubject } from '../../../domain/deploy/digest.ts';
import {
  commit,
  configOf,
  hosts,
  live,
  memory,
  plan,
  planner,
  signed,
} from '../../support/planning.ts';
import type { World } from '../../support/planning.ts';

beforeEach(async () => {
  memory.ledger = await openLedger({ path: ':memory:' });
});

const proven = 'c'.repeat(40);
const prove = (watch?: object) =>
  memory.ledger.append({
    ...{ kind: 'closed', key: 'd-0/closed', deployId: 'd-0' },
    ...{ project: 'shop', environment: 'production' },
    body: {
      ...{
        outcome: 'succeeded',
        sha: proven,
        release: { id: 'cccccccccccc-99999999', sha: proven },
      },
      ...(watch ? { watch } : {}),
    },
  });
const window = { samples: 180, errors: 3, requests: 1800, accessLog: null };
const [one = '', two = ''] = hosts;
const everywhere = (state: object): NonNullable<World['states']> => ({
  [one]: state,
  [two]: state,
});
const baseline = { errors: 90, requests: 86_400, phi: 1, tau: 0 };
const errorLog = { name: 'error-log', share: 0.5 };

test('a worker that does not isolate builds warns in every plan', async () => {
  await prove(window);
  const states = everywhere({ sha: proven, runningSha: proven, ready: [proven] });
  const config = configOf({ builds: { ...defaultBuilds, isolation: 'none' } });
  const made = await plan({ baseline, states, config });
  expect(made.warnings).toContain(
    'builds are not isolated (builds.isolation: none): code of a commit that is built on the worker ' +
      'can read every token, key and file of the worker',
  );
});

describe('what is live at the start', () => {
  test('proven and healthy is the measure, without a warning', async () => {
    await prove(window);
    const states = everywhere({ sha: proven, runningSha: proven, ready: [proven] });
    const made = await plan({ baseline, states });
    expect(made.baseline).toEqual(baseline);
    expect(made.watch.sources[1]).toEqual({ ...errorLog, required: true });
    expect(made.warnings).toEqual([unverifiedAuthors]);
  });

  test('unproven yields to the window that proved the last one', async () => {
    await prove(window);
    const made = await plan({ baseline });
    expect(made.baseline).toEqual({ errors: 3, requests: 1800, phi: 1, tau: 0.15, of: proven });
    expect(made.watch.sources[1]).toEqual({ ...errorLog, required: true });
    expect(made.warnings).toEqual([
      'aaaaaaa is live, but no watch of Plimsoll has proven it',
      'the error log is compared with the watch that proved release ccccccc',
      unverifiedAuthors,
    ]);
  });

  test('foreign, with nothing proven, is compared all the same, and advisory', async () => {
    const made = await plan({ baseline });
    expect(made.baseline).toEqual(baseline);
    expect(made.watch.sources[1]).toEqual({ ...errorLog, required: false });
    expect(made.warnings).toEqual([
      'aaaaaaa is live, but no watch of Plimsoll has proven it',
      'the error log is compared with a release that was never proven, so the error log is advisory by default',
      unverifiedAuthors,
    ]);
  });

  test('sick is never a measure', async () => {
    const made = await plan({ baseline, states: everywhere({ healthy: false }) });
    expect(made.baseline).toBe(null);
    expect(made.watch.sources[1]).toEqual({ ...errorLog, required: false });
    expect(made.warnings?.at(-2)).toBe(
      'there is no healthy release to compare the error log with, so the error log is advisory by default',
    );
  });

  test('plimsoll.yaml may say whether a pass needs the error log', async () => {
    const watch = (word: string) => ({ watch: { sources: { 'error-log': word } } });
    const needed = await plan({ config: configOf({}, watch('required')) });
    expect(needed.watch.sources[1]).toEqual({ ...errorLog, required: true });
    await prove(window);
    const optional = await plan({ baseline, config: configOf({}, watch('advisory')) });
    expect(optional.watch.sources[1]).toEqual({ ...errorLog, required: false });
    expect(optional.watch.sources[0]).toMatchObject({ name: 'probes', required: true });
  });
});

describe('the named rollback target', () => {
  test('is the one that is rolled back to, and is in the digest by its name', async () => {
    await prove();
    const states = everywhere({ ready: [live, proven] });
    const made = await plan({ states }, { rollbackTarget: 'last-proven' });
    expect(made.rollbackTarget?.sha).toBe(proven);
    const note = 'the requester chose the rollback target: last-proven, which is ccccccc';
    expect(made.rollbackSteps).toContain(note);
    expect(JSON.stringify(digestSubject(made, []))).toContain(note);
    expect(made.rollbackSteps[0]).toBe(
      'make ccccccc current on deploy@two.example:2222, restart, prove by probing',
    );
  });

  test('never hides whose commits are deployed', async () => {
    const world = { states: everywhere({ ready: [live, 'b'.repeat(40)] }) };
    const { planDeploy, asked } = planner(world);
    const request = signed({ rollbackTarget: 'bbbbbbb' });
    const made = await planDeploy({ signed: request, runId: 'run-1', record: true });
    expect(made.rollbackTarget?.sha).toBe('b'.repeat(40));
    expect(asked).toContain('commits aaaaaaa..bbbbbbb');
    expect(made.commits).toEqual([expect.objectContaining({ sha: commit(1).sha })]);
  });

  test('that is not staged everywhere is refused, with what is', async () => {
    await expect(plan({}, { rollbackTarget: 'ddddddd' })).rejects.toMatchObject({
      type: failures.refused,
      nonRetryable: true,
      message:
        'shop production cannot roll back to "ddddddd": ddddddd is not staged on any host. Staged on every host: aaaaaaa.\n' +
        'Nothing was touched. Omit --rollback-target, or choose a release that is staged on every host: plimsoll deploy shop production --rollback-target COMMIT',
    });
    expect(await memory.ledger.read({ limit: 9 })).toEqual([]);
  });
});

describe('declared dependencies', () => {
  const dependencies = ['https://pay.example/health', 'https://mail.example/'];
  const config = () => configOf({}, { dependencies });

  test('are in the digest and the steps, and how they are is beside it', async () => {
    const made = await plan({ config: config() });
    expect(made.watch.dependencies).toEqual(dependencies);
    expect(made.steps.at(-1)).toBe(
      'ask a person instead if one of these goes down: https://pay.example/health, https://mail.example/',
    );
    expect(made.dependencies).toEqual(
      dependencies.map((url) => ({ url, ok: true, detail: '200' })),
    );
    expect(made.warnings?.some((warning) => warning.includes('dependency'))).toBe(false);
  });

  test('one that is down already is reported', async () => {
    const made = await plan({ config: config(), down: ['https://mail.example/'] });
    expect(made.warnings?.at(-2)).toBe(
      'the declared dependency https://mail.example/ (503, twice) is already down, so it cannot explain an outage of this release',
    );
  });

  test('none declared: none in the plan', async () => {
    const made = await plan();
    expect(made).not.toHaveProperty('dependencies');
    expect(made.watch).not.toHaveProperty('dependencies');
  });
});
