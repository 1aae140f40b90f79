import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createPager } from '../../../activities/page/page.ts';
import type { Page } from '../../../domain/contract/activities.ts';
import type { Pager as PagerConfig } from '../../../domain/config/config.ts';
import { Board } from '../../../sandbox/board.ts';
import { startPager } from '../../../sandbox/pager/pager.ts';
import type { Pager } from '../../../sandbox/pager/pager.ts';
import { startSmtp } from '../../../sandbox/pager/smtp.ts';
import type { Smtp } from '../../../sandbox/pager/smtp.ts';

const password = 'a-mail-password';
let board: Board;
let pager: Pager;
let smtp: Smtp;
beforeEach(async () => {
  board = new Board();
  pager = await startPager({ board });
  smtp = await startSmtp({ board, password });
});
afterEach(async () => {
  await pager.close();
  await smtp.close();
});

const call: Page = {
  deploy: { deployId: 'd1', project: 'shop', environment: 'production', sha: 'b'.repeat(40) },
  step: 'stuck/1',
  title: 'shop production is stuck – now',
  text: `restart: no route\ntoken=${'x'.repeat(20)}`,
  priority: 'urgent',
};
const mail = (over: Partial<NonNullable<PagerConfig['smtp']>> = {}) => ({
  host: smtp.host,
  port: smtp.port,
  secure: false,
  user: 'plimsoll',
  password: 'env:SMTP_PASSWORD',
  from: 'plimsoll@example.com',
  to: ['oncall@example.com', 'second@example.com'],
  ...over,
});
const send = (page: PagerConfig, secret = password) =>
  createPager({ page, secret: () => secret }).page(call);

describe('a page', () => {
  test('goes to the webhook with title, priority and key, and without what looks like a secret', async () => {
    expect(await send({ webhook: pager.url })).toEqual({ reached: ['webhook'], failed: [] });
    expect(pager.calls()).toEqual([
      {
        way: 'webhook',
        key: 'd1/stuck/1',
        title: 'shop production is stuck   now',
        text: 'shop production is stuck – now\n\nrestart: no route\ntoken=…',
        priority: '5',
      },
    ]);
  });

  test('goes by mail to everybody, keyed', async () => {
    expect(await send({ smtp: mail() })).toEqual({ reached: ['smtp'], failed: [] });
    const [one, ...rest] = smtp.mails();
    expect(rest).toEqual([]);
    expect(one).toMatchObject({
      from: 'plimsoll@example.com',
      to: ['oncall@example.com', 'second@example.com'],
    });
    expect(one?.raw).toContain('Message-ID: <d1/stuck/1@plimsoll.invalid>');
    expect(one?.raw).toContain('X-Plimsoll-Key: d1/stuck/1');
    expect(one?.raw).not.toContain('xxxx');
  });

  test('takes a hidden address from the environment', async () => {
    const page = { webhook: 'env:PAGE_WEBHOOK' };
    const sent = createPager({ page, secret: () => pager.url }).page(call);
    expect((await sent).reached).toEqual(['webhook']);
  });

  test('is sent by one channel while the other is down', async () => {
    board.arm({ service: 'pager', match: 'POST', kind: '500-before', times: 1 });
    expect(await send({ webhook: pager.url, smtp: mail() })).toEqual({
      reached: ['smtp'],
      failed: ['The page webhook failed (500).'],
    });
  });

  test('reaches nobody where nothing is configured, and says so', async () => {
    const nobody = createPager({ page: undefined, secret: () => '' });
    expect(await nobody.page(call)).toEqual({ reached: [], failed: [] });
  });
});

describe('a page that is not accepted', () => {
  test.each([
    ['429', 'Unavailable', 0],
    ['500-before', 'Unavailable', 0],
    ['500-after', 'Unavailable', 1],
    ['drop-before', 'UnknownOutcome', 0],
    ['drop-after', 'UnknownOutcome', 1],
  ] as const)('by the webhook (%s) is tried again', async (kind, type, effects) => {
    board.arm({ service: 'pager', match: 'POST', kind, times: 1 });
    const failed = send({ webhook: pager.url });
    await expect(failed).rejects.toMatchObject({ type, nonRetryable: false });
    expect(board.effects).toHaveLength(effects);
    await expect(failed).rejects.not.toThrow(pager.url);
  });

  test('by a webhook that refuses is a mistake of the configuration', async () => {
    const refusing = createServer((_, response) => void response.writeHead(403).end());
    await new Promise<void>((resolve) => refusing.listen(0, '127.0.0.1', resolve));
    const { port } = refusing.address() as AddressInfo;
    await expect(send({ webhook: `http://127.0.0.1:${port}/secret-topic` })).rejects.toMatchObject({
      type: 'Misconfigured',
      message:
        'The page webhook refused the page (HTTP 403). Nobody was paged by webhook.\n' +
        'Correct page.webhook in plimsoll.yaml and start the worker again.',
    });
    refusing.close();
  });

  test.each([
    ['500-before', 'Unavailable', 0],
    ['drop-before', 'UnknownOutcome', 0],
    ['drop-after', 'UnknownOutcome', 1],
  ] as const)('by the mail server (%s) is tried again', async (kind, type, effects) => {
    board.arm({ service: 'smtp', match: 'DATA', kind, times: 1 });
    await expect(send({ smtp: mail() })).rejects.toMatchObject({ type, nonRetryable: false });
    expect(board.effects).toHaveLength(effects);
  });

  test('with a wrong password is final, and neither the password nor the answer is repeated', async () => {
    await expect(send({ smtp: mail() }, 'wrong')).rejects.toMatchObject({
      type: 'Misconfigured',
      nonRetryable: true,
      message:
        `The mail server 127.0.0.1 refused the page (EAUTH 535). Nobody was paged by mail.\n` +
        'Correct page.smtp in plimsoll.yaml (user, password, from, to) and start the worker again.',
    });
  });
});
