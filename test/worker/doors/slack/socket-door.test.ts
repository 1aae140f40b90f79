import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { openSocket } from '../../../../worker/doors/slack/socket-door.ts';
import type { SocketSettings } from '../../../../worker/doors/slack/socket-door.ts';
import { eventually } from '../../../support/e2e.ts';
import { askedSlack } from './door-fixture.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

async function opened(over: Partial<SocketSettings> = {}) {
  const at = await askedSlack();
  closers.push(() => at.slack.close());
  const heard: unknown[] = [];
  const said: string[] = [];
  const door = openSocket({
    ...{ api: at.slack.api, token: 'xapp-app', variable: 'SLACK_APP_TOKEN', pauseMs: 20 },
    hear: async (payload) => void heard.push(payload),
    warn: (line) => void said.push(line),
    ...over,
  });
  closers.push(() => door.close());
  await door.ready;
  return { ...at, heard, said, door };
}
const robins = { user: 'U0ROBIN', button: 'Approve' } as const;

test('a click arrives over the real client, and is acknowledged', async () => {
  const { slack, heard, said } = await opened();
  expect(await slack.click(robins)).toBe(true);
  expect(heard).toMatchObject([{ type: 'block_actions', user: { id: 'U0ROBIN' } }]);
  expect(said).toEqual([]);
});

test('is acknowledged only when it is safe: until then Slack sends it again', async () => {
  let times = 0;
  const hear = async () => {
    times += 1;
    if (times === 1) throw new Error('the worker is short of breath');
  };
  const { slack, said } = await opened({ hear });
  expect(await slack.click(robins)).toBe(true);
  expect(times).toBe(2);
  expect(said).toEqual(['A click at Slack was not acknowledged: the worker is short of breath']);
});

test.each(['renew', 'cut'] as const)('another socket is opened after: %s', async (how) => {
  const { slack, heard } = await opened();
  slack.socket[how]();
  await eventually('it is opened', () => slack.socket.connections().ever === 2);
  expect(await slack.click(robins)).toBe(true);
  expect(heard).toHaveLength(1);
  expect(slack.socket.connections()).toEqual({ ever: 2, now: 1 });
});

test('an outage of Slack is reported once and waited out', async () => {
  const at = await askedSlack();
  closers.push(() => at.slack.close());
  const arm = { service: 'slack', match: 'apps.connections.open', kind: '500-before' } as const;
  at.board.arm({ ...arm, times: 3 });
  const said: string[] = [];
  const door = openSocket({
    ...{ api: at.slack.api, token: 'xapp-app', variable: 'SLACK_APP_TOKEN', pauseMs: 20 },
    hear: async () => undefined,
    warn: (line) => void said.push(line),
  });
  closers.push(() => door.close());
  await eventually('it stands', () => at.slack.socket.connections().now === 1);
  expect(said).toEqual([
    'Clicks at Slack are not received: Slack did not answer the request for a socket for clicks (500).\n' +
      'The worker tries again. Until clicks are received again, sign approvals by key.',
  ]);
});

test('a token that Slack does not accept is reported, with the remedy, and not tried again', async () => {
  const { said, board } = await opened({ token: 'xapp-wrong' });
  expect(said).toEqual([
    'Clicks at Slack are not received: Slack does not accept the token in SLACK_APP_TOKEN ' +
      '(invalid_auth).\n' +
      'Make a new token, set SLACK_APP_TOKEN where the worker is started, and start the worker again.\n' +
      'Until clicks are received again, sign approvals by key.',
  ]);
  expect(board.effects.filter(({ operation }) => operation === 'apps.connections.open')).toEqual(
    [],
  );
});

test('closes its socket, also while it is being opened', async () => {
  const { slack, door } = await opened();
  await door.close();
  await eventually('it is closed', () => slack.socket.connections().now === 0);
  const hear = async () => undefined;
  const warn = () => undefined;
  const settings = { api: slack.api, token: 'xapp-app', variable: 'X', pauseMs: 20, hear, warn };
  await openSocket(settings).close();
  await eventually('none is left', () => slack.socket.connections().now === 0);
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(slack.socket.connections().now).toBe(0);
});

test('nobody waits for a Slack that does not answer, and it is left at once', async () => {
  const silent = createServer(() => undefined);
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  closers.push(async () => {
    silent.closeAllConnections();
    await new Promise((resolve) => silent.close(resolve));
  });
  const { port } = silent.address() as AddressInfo;
  const said: string[] = [];
  const door = openSocket({
    ...{ api: `http://127.0.0.1:${port}/api/`, token: 'xapp-app', variable: 'X' },
    hear: async () => undefined,
    warn: (line) => void said.push(line),
  });
  await door.close();
  await door.ready;
  expect(said).toEqual([]);
});
