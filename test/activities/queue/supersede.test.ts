import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openLedger } from '../../../activities/ledger/ledger.ts';
import type { Ledger } from '../../../activities/ledger/types.ts';
import { createSupersede, rulingKey } from '../../../activities/queue/supersede.ts';
import type { DeployRequest } from '../../../domain/config/config.ts';
import { alice, ci, configOf, requestOf, signed } from '../../support/planning.ts';
import { hostAndGit } from '../git/host.ts';

let place: Awaited<ReturnType<typeof hostAndGit>>;
let ledger: Ledger;
const at: Record<string, string> = {};

/** The commits: main has one ─ two. A second branch has one ─ other. */
beforeAll(async () => {
  place = await hostAndGit();
  const { host } = place;
  const commit = (name: string) => ({ files: { 'app.js': name }, message: name });
  const [one = '', two = ''] = await host.createRepository('acme/shop', [
    commit('one'),
    commit('two'),
  ]);
  const { repositories } = host;
  await repositories.git('acme/shop', ['update-ref', 'refs/heads/beside', one]);
  const other = await host.commit('acme/shop', { ...commit('other'), branch: 'beside' });
  Object.assign(at, { one, two, other });
});
afterAll(() => place?.close());
beforeEach(async () => {
  ledger = await openLedger({ path: ':memory:' });
});

const now = () => Date.parse(requestOf().requestedAt) + 60_000;

function weigh(input: unknown, held: string, later = 0) {
  const config = configOf();
  const [project] = Object.values(config.projects);
  Object.assign(project!, { repository: place.host.url('acme/shop') });
  const deps = { config: () => config, ledger, git: place.git, now: () => now() + later };
  const { project: name, environment } = requestOf();
  const holder = { deployId: 'd-1', project: name, environment, sha: held };
  return createSupersede(deps).weighRequest({ signed: input, holder });
}

const lines = (run: Promise<unknown>) =>
  run.then(
    () => ['heard'],
    ({ type, message }: { type: string; message: string }) => [type, ...message.split('\n')],
  );

describe('how its commit relates to the one that holds the lock', () => {
  test.each([
    ['main', 'one', 'newer'],
    ['main', 'two', 'same'],
    ['one', 'two', 'older'],
    ['beside', 'two', 'apart'],
  ])('%s after %s: %s', async (ref, held, relation) => {
    const asked = signed({ ref: at[ref] ?? ref });
    expect(await weigh(asked, at[held] ?? '')).toMatchObject({ relation });
  });

  test('a commit that the repository has no more is contained in nothing', async () => {
    expect(await weigh(signed({ ref: 'main' }), 'f'.repeat(40))).toMatchObject({
      ...{ relation: 'apart', sha: at['two'] },
    });
  });
});

test('what was signed comes out, and nothing else', async () => {
  const asked = signed({ ref: 'main', priority: 'P0', supersede: true });
  const { requestedBy, reason, nonce } = asked.request;
  expect(await weigh(asked, at['one'] ?? '')).toEqual({
    ...{ deployId: expect.stringMatching(/^d-[0-9a-f]{12}$/), ref: 'main', sha: at['two'] },
    ...{ requestedBy, reason, priority: 'P0', nonce, supersede: true, relation: 'newer' },
  });
});

describe('a request that is refused', () => {
  const refused = (change: Partial<DeployRequest>, key = ci) =>
    lines(weigh(signed(change, key), at['one'] ?? ''));

  test('unsigned, or signed by somebody else', async () => {
    expect(await lines(weigh('replace it', at['one'] ?? ''))).toEqual([
      'Refused',
      'This is not a signed deploy request: request: Invalid input: expected object, received string.',
      'Send the request with: plimsoll deploy',
    ]);
    expect(await refused({ requestedBy: 'ci' }, alice)).toEqual([
      'Refused',
      "The signature of the request is not ci's: it was made with a key that is not configured for this person.",
      'Sign with a key that plimsoll.yaml lists for that name: --key PATH',
    ]);
  });

  test('for another place', async () => {
    expect(await refused({ environment: 'elsewhere' })).toEqual([
      'Refused',
      'This request is for shop elsewhere, but was sent to shop production.',
      'Send the request with: plimsoll deploy',
    ]);
  });

  test('ruled on before, or the start of a deploy before', async () => {
    for (const keyOf of [rulingKey, (nonce: string) => `request/${nonce}`]) {
      const asked = signed({});
      const row = { kind: 'request', deployId: 'd-7', project: 'shop', environment: null } as const;
      await ledger.append({ ...row, key: keyOf(asked.request.nonce), body: {} });
      expect(await lines(weigh(asked, at['one'] ?? ''))).toEqual([
        'Refused',
        'This request was used before, for d-7, and a request starts one deploy only.',
        'Send a new request: plimsoll deploy',
      ]);
      ledger = await openLedger({ path: ':memory:' });
    }
  });

  test('too old', async () => {
    const [, notified] = await lines(weigh(signed({}), at['one'] ?? '', 20 * 60_000));
    expect(notified).toMatch(
      /^The request was signed 21 min ago, but a request is valid for 15 min only\.$/,
    );
  });

  test('of a ref that is none', async () => {
    const [, notified] = await refused({ ref: 'no-such-branch' });
    expect(notified).toMatch(/ has no branch, tag or commit "no-such-branch"\.$/);
  });
});
