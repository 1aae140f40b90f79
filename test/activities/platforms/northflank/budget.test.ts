import { afterEach, describe, expect, test } from 'vitest';
import { createBudget } from '../../../../activities/platforms/northflank/api/budget.ts';
import { pollUntil } from '../../../../activities/platforms/northflank/poll.ts';
import { northflankFixture } from '../../../sandbox/platforms/northflank/northflank-fixture.ts';
import { clientAt, failureOf } from './fixture.ts';

const headers = (remaining: number, reset = 3600, limit = 1000) =>
  new Headers({
    'x-ratelimit-limit': `${limit}`,
    'x-ratelimit-remaining': `${remaining}`,
    'x-ratelimit-reset': `${reset}`,
  });
const at = (start = 0) => {
  const clock = { now: start };
  return { clock, budget: createBudget({ now: () => clock.now }) };
};

describe('the pause between two reads', () => {
  test('is 15 s while nothing is known, and while there is enough', () => {
    const { budget } = at();
    expect(budget.pause('deploy')).toEqual({ ms: 15_000, slow: null });
    budget.learn(headers(1000));
    expect(budget.pause('deploy')).toEqual({ ms: 15_000, slow: null });
    budget.learn(headers(340));
    expect(budget.pause('deploy')).toEqual({ ms: 15_000, slow: null });
  });

  test('grows when few calls are left, and says so', () => {
    const { budget } = at();
    budget.learn(headers(200));
    expect(budget.pause('deploy')).toEqual({
      ms: 36_000,
      slow: 'Northflank allows 200 more calls in the next 60 min: the next read is in 36 s.',
    });
    expect(budget.pause('rollback')).toEqual({
      ms: 18_000,
      slow: 'Northflank allows 200 more calls in the next 60 min: the next read is in 18 s.',
    });
    budget.learn(headers(100, 120));
    expect(budget.pause('deploy')).toEqual({
      ms: 120_000,
      slow: 'Northflank allows 100 more calls in the next 2 min: the next read is in 2 min.',
    });
    budget.learn(headers(1, 60));
    expect(budget.pause('rollback').slow).toBe(
      'Northflank allows 1 more call in the next 60 s: the next read is in 60 s.',
    );
  });

  test('is shared by every poller, by the number of calls of one read', () => {
    const { budget } = at();
    budget.learn(headers(340));
    const leave = budget.poller();
    const another = budget.poller();
    expect(budget.pause('deploy').ms).toBe(30_000);
    expect(budget.pause('deploy', 2).ms).toBe(60_000);
    another();
    expect(budget.pause('deploy').ms).toBe(15_000);
    leave();
  });

  test('is usual again once the hour is over', () => {
    const { budget, clock } = at();
    budget.learn(headers(100, 120));
    expect(budget.pause('deploy').ms).toBe(120_000);
    clock.now = 120_001;
    expect(budget.pause('deploy')).toEqual({ ms: 15_000, slow: null });
  });
});

describe('the last calls of the hour', () => {
  test('are kept for a rollback: a deploy waits for the reset', () => {
    const { budget } = at();
    budget.learn(headers(101, 600));
    expect(() => budget.spend('deploy', 'the service a/b')).not.toThrow();
    budget.learn(headers(100, 600));
    expect(() => budget.spend('rollback', 'the service a/b')).not.toThrow();
    const failure = { type: 'Unavailable', nonRetryable: false, nextRetryDelay: 600_000 };
    expect(() => budget.spend('deploy', 'the service a/b')).toThrow(
      expect.objectContaining({
        ...failure,
        message:
          'Northflank allows 100 more calls in the next 10 min. These calls are kept for a rollback, ' +
          'so the request for the service a/b waits.',
      }),
    );
  });

  test('are never kept from a rollback: it calls even if none seems to be left', () => {
    const { budget } = at();
    budget.learn(headers(0, 600));
    expect(() => budget.spend('rollback', 'the service a/b')).not.toThrow();
    expect(() => budget.spend('deploy', 'the service a/b')).toThrow('allows 0 more calls');
  });

  test('are unknown where an answer does not tell them: nothing waits', () => {
    const { budget } = at();
    for (const bad of [{}, { 'x-ratelimit-limit': '1000' }, { 'x-ratelimit-remaining': 'many' }])
      budget.learn(new Headers(bad));
    expect(() => budget.spend('deploy', 'it')).not.toThrow();
  });
});

describe('with the stand-in', () => {
  let close = async () => {};
  afterEach(() => close());

  test('all clients share the count; a rollback still gets through', async () => {
    const { northflank, ...fixture } = await northflankFixture();
    close = fixture.close;
    const budget = createBudget();
    const options = { budget };
    const [one, other] = [0, 1].map(() => clientAt(northflank.address, options));
    const rollBack = clientAt(northflank.address, { budget, purpose: 'rollback' });
    northflank.leave(101);
    await one!.service();
    expect(await failureOf(other!.service())).toMatchObject({
      type: 'Unavailable',
      nextRetryDelay: expect.any(Number),
      message:
        'Northflank allows 100 more calls in the next 60 min. These calls are kept for a rollback, ' +
        'so the request for the service openclaw/gateway waits.',
    });
    expect((await rollBack.service()).id).toBe('gateway');
  });

  test('a poll reads until there is a result, and says why it is slow', async () => {
    const { northflank, shas, ...fixture } = await northflankFixture();
    close = fixture.close;
    const budget = createBudget({ timeScale: 1500 });
    const client = clientAt(northflank.address, { budget });
    const { id } = await client.startBuild({ sha: shas[0]! });
    northflank.leave(300);
    const said: (string | null)[] = [];
    const say = (slow: string | null) => void said.push(slow);
    const build = await pollUntil({ budget, purpose: 'deploy', say }, async () => {
      const one = await client.build(id);
      return one.concluded ? one : undefined;
    });
    expect(build).toMatchObject({ id, success: true });
    expect(said[0]).toBe(
      'Northflank allows 299 more calls in the next 60 min: the next read is in 19 s.',
    );
    const polling = { budget: createBudget({ timeScale: 1500 }), purpose: 'deploy' } as const;
    const broken = new Error('broken');
    await expect(pollUntil(polling, () => Promise.reject(broken))).rejects.toBe(broken);
  });
});
