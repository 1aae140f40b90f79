import { afterEach, expect, test } from 'vitest';
import { openHttp } from '../../../../worker/doors/slack/http-door.ts';
import { clickAttacks } from '../../../support/click-attacks.ts';
import { askedSlack } from './door-fixture.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

async function opened() {
  const { slack } = await askedSlack();
  closers.push(() => slack.close());
  const heard: unknown[] = [];
  const said: string[] = [];
  const settings = {
    ...{ listen: '127.0.0.1:0', signingSecret: 'signing' },
    hear: async (payload: unknown) => void heard.push(payload),
    warn: (line: string) => void said.push(line),
  };
  const door = await openHttp(settings);
  closers.push(() => door.close());
  const url = `http://127.0.0.1:${door.port}/slack`;
  const payload = slack.payload({ user: 'U0ROBIN', button: 'Approve' });
  return { slack, url, heard, said, payload, settings, port: door.port };
}

test('a click that Slack signed is accepted', async () => {
  const { slack, url, payload, heard } = await opened();
  expect(await slack.post(url, payload)).toEqual({ status: 200, text: '' });
  expect(heard).toEqual([payload]);
});

const unsigned = clickAttacks.filter(({ refusedBy }) => refusedBy === 'http');
test.each(unsigned)('a click $name is refused', async ({ request, why }) => {
  const { slack, url, payload, heard } = await opened();
  expect(await slack.post(url, payload, request?.())).toEqual({ status: 401, text: why });
  expect(heard).toEqual([]);
});

test.each([
  [
    'no JSON',
    () => ({ body: 'payload=%7B' }),
    { status: 400, text: 'The request could not be read.' },
  ],
  [
    'too large',
    () => ({ body: 'x'.repeat(1_000_001) }),
    { status: 413, text: 'The request is too large for a click.' },
  ],
])('is refused: %s', async (_, forged, answer) => {
  const { slack, url, payload, heard } = await opened();
  expect(await slack.post(url, payload, forged())).toEqual(answer);
  expect(heard).toEqual([]);
});

test('a signature counts for its own body alone', async () => {
  const { url, heard } = await opened();
  const headers = {
    'x-slack-request-timestamp': String(Math.floor(Date.now() / 1000)),
    'x-slack-signature': `v0=${'0'.repeat(64)}`,
  };
  const answer = await fetch(url, { method: 'POST', headers, body: 'payload={}' });
  expect(answer.status).toBe(401);
  expect((await fetch(url)).status).toBe(404);
  expect((await fetch(`${url}/more`, { method: 'POST' })).status).toBe(404);
  expect(heard).toEqual([]);
});

test('a busy address is a warning, and approvals by key go on', async () => {
  const { settings, said, port } = await opened();
  const second = await openHttp({ ...settings, listen: `127.0.0.1:${port}` });
  closers.push(() => second.close());
  expect(second.port).toBeNull();
  expect(said).toEqual([
    `Clicks at Slack are not received at 127.0.0.1:${port} (EADDRINUSE): approvals are signed ` +
      'by key instead.\n' +
      'Another worker may already listen there. If not, set slack.approvals.http.listen to a free ' +
      'address and start the worker again.',
  ]);
});
