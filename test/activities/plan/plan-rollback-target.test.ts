import { beforeEach, describe, expect, test } from 'vitest';
import { openLedger } from '../../../activities/ledger/ledger.ts';
import { final, transient } from '../../../activities/lib/fail.ts';
import { failures } from '../../../domain/deploy/failures.ts';
import { hosts, live, memory, plan, planner, signed } from '../../support/planning.ts';

beforeEach(async () => {
  memory.ledger = await openLedger({ path: ':memory:' });
});

const refusal = (message: string, type: string = failures.refused) => ({
  type,
  nonRetryable: true,
  message,
});

describe('the rollback', () => {
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

  test('a first deploy has no target, says so, and deploys the whole history', async () => {
    const { planDeploy, asked } = planner({ states: { [one]: nothing, [two]: nothing } });
    const made = await planDeploy({ signed: signed(), runId: 'run-1', record: true });
    expect(made.rollbackTarget).toBeNull();
    expect(made.rollbackSteps).toEqual([
      'there is no rollback: a failure pages a person instead',
      'nothing is live: there is no rollback target',
    ]);
    expect(made.rule.reasons.at(-1)).toBe('the first release of production cannot be rolled back');
    expect(asked).toContain('commits all..bbbbbbb');
  });

  test('a commit without a possible rollback has no target, says so, and deploys the new commits', async () => {
    const noReturn = 'it brings the Durable Object migration "v1"';
    const { planDeploy, asked } = planner({ noReturn });
    const made = await planDeploy({ signed: signed(), runId: 'run-1', record: true });
    expect(made).toMatchObject({ rollbackTarget: null, noReturn });
    expect(made.rollbackSteps.slice(0, 2)).toEqual([
      'there is no rollback: a failure pages a person instead',
      noReturn,
    ]);
    expect(made.rule.reasons.at(-1)).toBe('this release cannot be rolled back');
    expect(asked).toContain('commits aaaaaaa..bbbbbbb');
  });

  test('hosts that differ are rolled back to the last proven release if it is staged on all of them', async () => {
    await prove();
    const states = { [one]: { sha: proven }, [two]: { ready: [live, proven] } };
    const made = await plan({ states });
    expect(made.rollbackTarget).toEqual(release);
    expect(made.rollbackSteps.at(-1)).toBe(
      'the hosts serve different releases (deploy@one.example:22: ccccccc, deploy@two.example:2222: aaaaaaa): the rollback target is the last proven release ccccccc',
    );
  });

  test('hosts that differ without one are refused', async () => {
    await prove();
    await expect(plan({ states: { [one]: { sha: proven } } })).rejects.toMatchObject(
      refusal(
        'shop production has no rollback target: the hosts serve different releases (deploy@one.example:22: ccccccc, deploy@two.example:2222: aaaaaaa), and no proven release is staged on every host.\n' +
          'Nothing was touched. Bring all hosts to one release first, then deploy again. To see earlier releases: plimsoll history shop production',
      ),
    );
    await expect(plan({ states: { [two]: nothing } })).rejects.toThrow('has no rollback target');
    expect(await memory.ledger.read({ kinds: ['started'], limit: 9 })).toEqual([]);
  });

  test('an unhealthy live release is replaced by the last proven one, or is named as unhealthy', async () => {
    const sick = { healthy: false, ready: [live, proven] };
    const without = await plan({ states: { [one]: sick, [two]: sick } });
    expect(without.rollbackTarget?.sha).toBe(live);
    expect(without.rollbackSteps.at(-1)).toBe(
      'aaaaaaa was already unhealthy on deploy@one.example:22, deploy@two.example:2222 when this deploy was planned: the rollback target is not healthy',
    );
    await prove();
    const made = await plan({ states: { [one]: sick, [two]: sick } });
    expect(made.rollbackTarget).toEqual(release);
  });

  test('a host that does not answer is named, with how to check it', async () => {
    const states = { [two]: transient('connection timed out') };
    await expect(plan({ states })).rejects.toMatchObject(
      refusal(
        'Nothing can be planned while a host does not answer: deploy@two.example:2222 (connection timed out).\n' +
          'Nothing was touched. Check the host: ssh -p 2222 deploy@two.example true',
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
