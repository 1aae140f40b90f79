import { mkdtempSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, afterEach, describe, expect, test } from 'vitest';
import { createAnchor, createAnchoring, verifyWithAnchor } from '../../activities/anchor/anchor.ts';
import type { Anchor } from '../../activities/anchor/anchor.ts';
import { linkBody } from '../../activities/ledger/link-table.ts';
import { openLedger } from '../../activities/ledger/ledger.ts';
import type { Ledger } from '../../activities/ledger/types.ts';
import { Board } from '../../sandbox/board.ts';
import { startSlack } from '../../sandbox/slack/slack.ts';
import type { Slack } from '../../sandbox/slack/slack.ts';
import { isProven } from '../../domain/messages/ledger.ts';
import { hostAndGit } from '../activities/git/host.ts';
import { entry } from '../activities/ledger/ledger-fixture.ts';
import { freshSeals } from '../support/seals.ts';

const token = 'xoxb-test-token-1234567890';
let git: Awaited<ReturnType<typeof hostAndGit>>;
let slack: Slack;
beforeAll(async () => {
  git = await hostAndGit();
  slack = await startSlack({ board: new Board(), token, users: [] });
});
afterAll(async () => {
  await git.close();
  await slack.close();
});

let path: string;
let ledger: Ledger;
let seals = freshSeals();
let repository: string;
let number = 0;
beforeEach(async () => {
  seals = freshSeals();
  path = join(mkdtempSync(join(tmpdir(), 'plimsoll-anchor-')), 'ledger.db');
  ledger = await openLedger({ path }, seals);
  await ledger.recordKeys();
  number += 1;
  repository = `acme/audit-${number}`;
  await git.host.createRepository(repository, [{ files: { a: '1' }, message: 'First' }]);
});
afterEach(() => ledger.close());

const inGit = () =>
  createAnchor(
    { anchor: { git: git.host.url(repository) } },
    { secret: () => '', token: () => 'secret-token' },
  )!;
const inSlack = () =>
  createAnchor(
    {
      anchor: { slack: '#deployments' },
      slack: {
        api: slack.api,
        token: 'env:T',
        deployments: '#deployments',
        incidents: '#incidents',
      },
    },
    { secret: () => token, token: () => undefined },
  )!;

const minute = 60_000;
const start = Date.parse('2026-03-01T09:00:00.000Z');

/** Appends some rows, links them, and anchors the link. */
async function anchored(anchor: Anchor, keys: string[], at: number) {
  for (const key of keys) await ledger.append(entry(key));
  const { link } = await ledger.link(at, 0);
  return (await createAnchoring(ledger, anchor)(link, at))?.line ?? null;
}

/** What a person does with the file in hand: no trigger stays, and the rows and links are cut. */
function cut(last: number) {
  const database = new DatabaseSync(path);
  for (const { name } of database
    .prepare(`SELECT name FROM sqlite_master WHERE type = 'trigger'`)
    .all())
    database.exec(`DROP TRIGGER ${String(name)}`);
  database.exec(`DELETE FROM entries WHERE seq > ${last}; DELETE FROM links`);
  database.close();
}

/** A worker that starts after the attack. */
async function restarted() {
  await ledger.close();
  ledger = await openLedger({ path }, seals);
}

describe.each([
  ['git', inGit, () => `${git.host.url(repository)}, branch plimsoll-ledger`],
  ['Slack', inSlack, () => 'the Slack channel #deployments'],
])('an anchor in %s', (_name, open, place) => {
  test('holds the newest link, grows, and finds a cut tail and a rewritten ledger', async () => {
    const anchor = open();
    // The Slack channel keeps the anchors of the earlier tests, so each test begins later.
    const now = start + number * 60 * minute;
    expect(await anchored(anchor, ['a', 'b'], now)).toBeNull();
    const checkedAt = new Date(now + minute).toISOString();
    const holds = { state: 'holds', place: place(), seq: 3, at: new Date(now).toISOString() };
    const chain = await verifyWithAnchor(ledger, open(), now + minute);
    expect(chain).toMatchObject({ ok: true, anchor: { ...holds, checkedAt } });
    expect(isProven(chain)).toBe(true);

    expect(await anchored(anchor, ['c'], now + anchor.everyMs)).toBeNull();
    expect(await verifyWithAnchor(ledger, open(), now)).toMatchObject({ anchor: { seq: 4 } });

    cut(2);
    await restarted();
    expect(await ledger.verify()).toMatchObject({ ok: true, entries: 2 });
    const at = new Date(now + anchor.everyMs).toISOString();
    expect(await verifyWithAnchor(ledger, open(), now)).toMatchObject({
      ...{ ok: false, seq: 3 },
      why: `the ledger ends at row 2, but row 4 was anchored in ${place()} at ${at}: the newest rows were removed`,
    });

    // The worker goes on, and its new rows grow past the anchor. It never anchors over the older one.
    const why = `row 4 or an earlier row was changed, moved or removed after it was anchored in ${place()} at ${at}`;
    expect(await anchored(anchor, ['x', 'y', 'z'], now + 3 * 60 * minute)).toContain(why);
    expect(await verifyWithAnchor(ledger, open(), now)).toMatchObject({ ok: false, seq: 4, why });
  });
});

test('there is no anchor yet; two hours after the newest link it is missing', async () => {
  await ledger.append(entry('a'));
  await ledger.link(start, 0);
  const place = `${git.host.url(repository)}, branch plimsoll-ledger`;
  const young = await verifyWithAnchor(ledger, inGit(), start + 119 * minute);
  expect(young).toMatchObject({ ok: true, anchor: { state: 'none', place } });
  expect(isProven(young)).toBe(true);
  const old = await verifyWithAnchor(ledger, inGit(), start + 121 * minute);
  expect(old).toMatchObject({ ok: true, anchor: { state: 'missing', place } });
  expect(isProven(old)).toBe(false);
});

test('an anchor that no worker made is no anchor, and nothing is anchored over it', async () => {
  const stranger = freshSeals();
  const head = { seq: 1, hash: 'a'.repeat(64), at: '2026-03-01T09:00:00.000Z' };
  await inGit().write({ ...head, seal: stranger.seal('ledger', linkBody(head)) });
  const chain = await verifyWithAnchor(ledger, inGit(), start);
  expect(chain).toMatchObject({
    ok: true,
    anchor: {
      state: 'forged',
      why: expect.stringMatching(/^it is sealed with the key .{16}, which/),
    },
  });
  expect(isProven(chain)).toBe(false);
  expect(await anchored(inGit(), ['a'], start)).toMatch(
    /^The newest anchor of the ledger in .*, branch plimsoll-ledger was made by no worker: /,
  );
  expect((await inGit().read()) as object).toMatchObject(head);
});

test('a file that is no anchor is no anchor', async () => {
  const work = { files: { 'head.json': 'not JSON' }, message: 'm', branch: 'plimsoll-ledger' };
  await git.host.commit(repository, work);
  expect(await verifyWithAnchor(ledger, inGit(), start)).toMatchObject({
    anchor: { state: 'forged', why: 'it is not a head of a ledger' },
  });
});

test('a place that does not answer: the rows are verified, but the ledger is not proven', async () => {
  repository = 'acme/nowhere';
  const chain = await verifyWithAnchor(ledger, inGit(), start);
  expect(chain).toMatchObject({ ok: true, entries: 1, anchor: { state: 'unreadable' } });
  expect(isProven(chain)).toBe(false);
  expect(await anchored(inGit(), ['a'], start)).toMatch(
    /^The ledger was not anchored in .*: .* The worker tries again in a few minutes\.$/,
  );
});

test('several workers anchor at once: one commit, no failure; earlier anchors stay', async () => {
  await ledger.append(entry('a'));
  const { link } = await ledger.link(start, 0);
  const rounds = [1, 2, 3].map(() => createAnchoring(ledger, inGit())(link, start));
  expect(await Promise.all(rounds)).toEqual([null, null, null]);
  const first = await git.host.head(repository, 'plimsoll-ledger');
  await anchored(inGit(), ['b'], start + 5 * minute);
  const log = await git.host.repositories.git(repository, [
    'log',
    '--format=%H',
    'plimsoll-ledger',
  ]);
  expect(String(log).trim().split('\n')).toEqual([expect.any(String), first]);
});
