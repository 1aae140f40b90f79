import { beforeEach, describe, expect, test } from 'vitest';
import { openLedger } from '../../activities/ledger.ts';
import { failures } from '../../domain/failures.ts';
import { digestSubject } from '../../domain/digest.ts';
import {
  commit,
  configOf,
  hosts,
  live,
  memory,
  plan,
  planner,
  signed,
} from '../support/planning.ts';
import type { World } from '../support/planning.ts';

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
const window = { looks: 180, errors: 3, requests: 1800, accessLog: null };
const [one = '', two = ''] = hosts;
const everywhere = (state: object): NonNullable<World['states']> => ({
  [one]: state,
  [two]: state,
});
const baseline = { errors: 90, requests: 86_400, phi: 1, tau: 0 };
const errorLog = { name: 'error-log', share: 0.5 };

describe('what is live at the start', () => {
  test('proven and healthy is the measure, without a warning', async () => {
    await prove(window);
    const states = everywhere({ sha: proven, runningSha: proven, ready: [proven] });
    const made = await plan({ baseline, states });
    expect(made.baseline).toEqual(baseline);
    expect(made.watch.sources[1]).toEqual({ ...errorLog, required: true });
    expect(made).not.toHaveProperty('warnings');
  });

  test('unproven yields to the window that proved the last one', async () => {
    await prove(window);
    const made = await plan({ baseline });
    expect(made.baseline).toEqual({ errors: 3, requests: 1800, phi: 1, tau: 0.15, of: proven });
    expect(made.watch.sources[1]).toEqual({ ...errorLog, required: true });
    expect(made.warnings).toEqual([
      'aaaaaaa is live without having been proven by a watch of Plimsoll',
      'the error log is compared with the window that proved ccccccc',
    ]);
  });

  test('foreign, with nothing proven, is compared all the same, and advisory', async () => {
    const made = await plan({ baseline });
    expect(made.baseline).toEqual(baseline);
    expect(made.watch.sources[1]).toEqual({ ...errorLog, required: false });
    expect(made.warnings).toEqual([
      'aaaaaaa is live without having been proven by a watch of Plimsoll',
      'the error log is compared with a release that was never proven: advisory by default',
    ]);
  });

  test('sick is never a measure', async () => {
    const made = await plan({ baseline, states: everywhere({ healthy: false }) });
    expect(made.baseline).toBe(null);
    expect(made.watch.sources[1]).toEqual({ ...errorLog, required: false });
    expect(made.warnings?.at(-1)).toBe(
      'the error log has no healthy release to be compared with: advisory by default',
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

describe('the named way back', () => {
  test('is what is restored, and is in the digest by its name', async () => {
    await prove();
    const states = everywhere({ ready: [live, proven] });
    const made = await plan({ states }, { restoreTo: 'last-proven' });
    expect(made.restoreTo?.sha).toBe(proven);
    const note = 'the way back was chosen by the requester: last-proven, which is ccccccc';
    expect(made.undo).toContain(note);
    expect(JSON.stringify(digestSubject(made, []))).toContain(note);
    expect(made.undo[0]).toBe(
      'make ccccccc current on deploy@two.example:2222, restart, prove by probing',
    );
  });

  test('never hides whose commits are shipped', async () => {
    const world = { states: everywhere({ ready: [live, 'b'.repeat(40)] }) };
    const { planDeploy, asked } = planner(world);
    const request = signed({ restoreTo: 'bbbbbbb' });
    const made = await planDeploy({ signed: request, runId: 'run-1', record: true });
    expect(made.restoreTo?.sha).toBe('b'.repeat(40));
    expect(asked).toContain('commits aaaaaaa..bbbbbbb');
    expect(made.commits).toEqual([expect.objectContaining({ sha: commit(1).sha })]);
  });

  test('that is not staged everywhere is refused, with what is', async () => {
    await expect(plan({}, { restoreTo: 'ddddddd' })).rejects.toMatchObject({
      type: failures.refused,
      nonRetryable: true,
      message:
        'shop production cannot go back to "ddddddd": ddddddd is not staged on any host. Staged on every host: aaaaaaa.\n' +
        'Nothing was touched. Choose what is staged everywhere, or leave the choice out: npx --no plimsoll deploy shop production --restore-to COMMIT',
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
      'ask a person instead where one of these went down meanwhile: https://pay.example/health, https://mail.example/',
    );
    expect(made.dependencies).toEqual(
      dependencies.map((url) => ({ url, ok: true, detail: '200' })),
    );
    expect(made.warnings?.some((warning) => warning.includes('dependency'))).toBe(false);
  });

  test('one that is down already is said', async () => {
    const made = await plan({ config: config(), down: ['https://mail.example/'] });
    expect(made.warnings?.at(-1)).toBe(
      'the declared dependency https://mail.example/ (503, twice) is down already: while it is, it excuses no outage of this release',
    );
  });

  test('none declared: none in the plan', async () => {
    const made = await plan();
    expect(made).not.toHaveProperty('dependencies');
    expect(made.watch).not.toHaveProperty('dependencies');
  });
});
