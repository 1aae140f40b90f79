import { beforeEach, describe, expect, test } from 'vitest';
import { openLedger } from '../../activities/ledger.ts';
import { final, transient } from '../../activities/lib/fail.ts';
import { failures } from '../../domain/failures.ts';
import { hosts, live, memory, plan, planner, signed } from '../support/planning.ts';

beforeEach(async () => {
  memory.ledger = await openLedger({ path: ':memory:' });
});

const refusal = (message: string, type: string = failures.refused) => ({
  type,
  nonRetryable: true,
  message,
});

describe('the way back', () => {
  const [one = '', two = ''] = hosts;
  const nothing = { sha: null, runningSha: null, ready: [] };
  const proven = 'c'.repeat(40);
  const release = { id: 'cccccccccccc-99999999', sha: proven };
  const prove = () =>
    memory.ledger.append({
      kind: 'closed',
      key: 'd-0/closed',
      deployId: 'd-0',
      project: 'shop',
      environment: 'production',
      body: { outcome: 'succeeded', sha: proven, release },
    });

  test('a first deploy has none, says so, and ships the whole history', async () => {
    const { planDeploy, asked } = planner({ states: { [one]: nothing, [two]: nothing } });
    const made = await planDeploy({ signed: signed(), runId: 'run-1', record: true });
    expect(made.restoreTo).toBeNull();
    expect(made.undo).toEqual([
      'there is no way back: a failure calls a person instead of going back',
      'nothing is live: there is no way back',
    ]);
    expect(made.rule.reasons.at(-1)).toBe('the first release of production has no way back');
    expect(asked).toContain('commits all..bbbbbbb');
  });

  test('a commit across which nothing goes back has none, says so, and ships what is new', async () => {
    const noReturn = 'it brings the Durable Object migration "v1"';
    const { planDeploy, asked } = planner({ noReturn });
    const made = await planDeploy({ signed: signed(), runId: 'run-1', record: true });
    expect(made).toMatchObject({ restoreTo: null, noReturn });
    expect(made.undo.slice(0, 2)).toEqual([
      'there is no way back: a failure calls a person instead of going back',
      noReturn,
    ]);
    expect(made.rule.reasons.at(-1)).toBe('this release has no way back');
    expect(asked).toContain('commits aaaaaaa..bbbbbbb');
  });

  test('hosts that differ go back to the last proven release where it is staged on all', async () => {
    await prove();
    const states = { [one]: { sha: proven }, [two]: { ready: [live, proven] } };
    const made = await plan({ states });
    expect(made.restoreTo).toEqual(release);
    expect(made.undo.at(-1)).toBe(
      'the hosts differ (deploy@one.example:22: ccccccc, deploy@two.example:2222: aaaaaaa): the way back is the last proven release ccccccc',
    );
  });

  test('hosts that differ without one are refused', async () => {
    await prove();
    await expect(plan({ states: { [one]: { sha: proven } } })).rejects.toMatchObject(
      refusal(
        'shop production has no way back: the hosts differ (deploy@one.example:22: ccccccc, deploy@two.example:2222: aaaaaaa), and no proven release is staged on all of them.\n' +
          'Nothing was touched. Bring all hosts to one release first, then deploy again; see what was released: npx --no plimsoll history shop production',
      ),
    );
    await expect(plan({ states: { [two]: nothing } })).rejects.toThrow('has no way back');
    expect(await memory.ledger.read({ kinds: ['started'], limit: 9 })).toEqual([]);
  });

  test('what is live but unhealthy gives way to the last proven release, or is named as sick', async () => {
    const sick = { healthy: false, ready: [live, proven] };
    const without = await plan({ states: { [one]: sick, [two]: sick } });
    expect(without.restoreTo?.sha).toBe(live);
    expect(without.undo.at(-1)).toBe(
      'aaaaaaa was already unhealthy on deploy@one.example:22, deploy@two.example:2222 when this was planned: the way back leads to a release that is sick',
    );
    await prove();
    const made = await plan({ states: { [one]: sick, [two]: sick } });
    expect(made.restoreTo).toEqual(release);
  });

  test('a host that does not answer is named, with how to check it', async () => {
    const states = { [two]: transient('connection timed out') };
    await expect(plan({ states })).rejects.toMatchObject(
      refusal(
        'Nothing can be planned while a host does not answer: deploy@two.example:2222 (connection timed out).\n' +
          'Nothing was touched. Check it: ssh -p 2222 deploy@two.example true',
      ),
    );
  });

  test("a platform's own refusal stays what it is", async () => {
    const states = { [one]: final(failures.rejectedByPlatform, 'wrong host key') };
    await expect(plan({ states })).rejects.toMatchObject(
      refusal('wrong host key', failures.rejectedByPlatform),
    );
  });
});
