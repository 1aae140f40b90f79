import { generateKeyPairSync } from 'node:crypto';
import { request } from 'node:http';
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { createSeals } from '../../../../activities/lib/seals.ts';
import { UserError } from '../../../../domain/lib/user-error.ts';
import { signedCalls, signedInput } from '../../../support/door-calls.ts';
import type { SignedCall } from '../../../support/door-calls.ts';
import { keys, seals, signedLogin, startDoor } from '../../../support/door.ts';

type Door = Awaited<ReturnType<typeof startDoor>>;
let door: Door;
const open: Door[] = [];
const start = async (...options: Parameters<typeof startDoor>) => {
  const opened = await startDoor(...options);
  open.push(opened);
  return opened;
};
beforeAll(async () => {
  door = await start({ rates: { perAddress: { perSecond: 1000, burst: 1000 } } });
});
afterAll(() => Promise.all(open.map((one) => one.close())));

type Raw = { method?: string; path?: string; headers?: OutgoingHttpHeaders; body?: string };
/** Sends a request as it is. `fetch` would correct it. */
const raw = ({ method = 'POST', path = '/v1/registry', headers = {}, body = '{}' }: Raw) =>
  new Promise<{ status: number; headers: IncomingHttpHeaders; text: string }>((resolve, reject) => {
    const { hostname, port } = new URL(door.url);
    const sent = request({ hostname, port, method, path, headers: { ...json, ...headers } });
    sent.on('error', reject);
    sent.on('response', (response) => {
      let text = '';
      response.on('data', (chunk) => void (text += chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
      );
    });
    sent.end(body);
  });
const json = { 'content-type': 'application/json' };

test('a person who logs in reads what the worker announced', async () => {
  const token = await door.login('ci');
  const { status, body } = await door.post('registry', {}, token);
  expect({ status, body }).toEqual({
    status: 200,
    body: {
      result: {
        ...{ taskQueue: 'q', sandbox: true },
        ...{ projects: { shop: ['production'] }, branches: { shop: 'main' } },
      },
    },
  });
});

test('every answer forbids browsers to guess, to frame and to keep it', async () => {
  const { headers } = await raw({});
  expect(headers).toMatchObject({
    'content-type': 'application/json',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  });
  expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
});

describe('refused before the body counts', () => {
  it.each<[string, Raw, number, string]>([
    ['another host', { headers: { host: 'evil.example' } }, 421, 'wrong-host'],
    ['a web page', { headers: { origin: 'https://evil.example' } }, 403, 'cross-origin'],
    ['another method', { method: 'GET', body: '' }, 404, 'unknown-call'],
    ['a preflight', { method: 'OPTIONS', body: '' }, 404, 'unknown-call'],
    ['another path', { path: '/v1/registry/' }, 404, 'unknown-call'],
    [
      'a whole address as the path',
      { path: 'http://evil.example/v1/registry' },
      404,
      'unknown-call',
    ],
    ['a form', { headers: { 'content-type': 'text/plain' } }, 415, 'wrong-type'],
    ['a compressed body', { headers: { 'content-encoding': 'gzip' } }, 415, 'wrong-type'],
    ['a long body', { body: `"${'x'.repeat(70_000)}"` }, 413, 'too-large'],
    [
      'a long body in chunks',
      { body: `"${'x'.repeat(70_000)}"`, headers: { 'transfer-encoding': 'chunked' } },
      ...([413, 'too-large'] as const),
    ],
    ['no JSON', { body: 'registry' }, 400, 'bad-shape'],
    ['an unknown call', { path: '/v1/terminate' }, 404, 'unknown-call'],
    ['a call named like a property', { path: '/v1/constructor' }, 404, 'unknown-call'],
    ['no session', {}, 401, 'no-session'],
    ['an invented token', { headers: { authorization: 'Bearer eyJ9.x' } }, 401, 'no-session'],
  ])('%s', async (_, sent, status, code) => {
    const before = door.calls.length;
    const answer = await raw(sent);
    expect({ status: answer.status, code: JSON.parse(answer.text).error.code }).toEqual({
      ...{ status, code },
    });
    expect(door.calls.length).toBe(before);
  });
});

describe('a login', () => {
  const refused = async (body: unknown) => {
    const answer = await door.post('login', body);
    return `${answer.status} ${answer.body.error.code}: ${answer.body.error.message}`;
  };

  it('of a key that is not configured is refused', async () => {
    expect(await refused(signedLogin(door.url, 'ana', keys.eve))).toBe(
      "403 bad-signature: The signature is not ana's: it was made with a key that is not configured " +
        'for this person. Nothing was sent.\n' +
        "Sign with your own name and a key that the worker's plimsoll.yaml lists for it: " +
        '--as NAME --key PATH',
    );
  });

  it('of a name that is not configured is refused', async () => {
    expect(await refused(signedLogin(door.url, 'eve', keys.eve))).toBe(
      '403 bad-signature: "eve" is not listed under "approvers" or "requesters".\n' +
        "Sign with your own name and a key that the worker's plimsoll.yaml lists for it: " +
        '--as NAME --key PATH',
    );
  });

  it('of an inherited name is refused', async () => {
    expect(await refused(signedLogin(door.url, 'constructor', keys.eve))).toMatch(/^403 bad-sig/);
  });

  it('that was changed is refused', async () => {
    const signed = signedLogin(door.url, 'ana', keys.ana);
    const login = { ...signed.login, nonce: '0'.repeat(32) };
    expect(await refused({ ...signed, login })).toMatch(
      /^403 bad-signature: The signature is not ana's: the ssh-ed25519 signature does not match/,
    );
  });

  it('that was signed as an order is refused', async () => {
    const { login } = signedLogin(door.url, 'ana', keys.ana);
    const signature = keys.ana.sign(login, 'plimsoll-order@v1');
    expect(await refused({ login, signature })).toMatch(
      /^403 bad-signature: .*not for "plimsoll-login@v1"/,
    );
  });

  it('counts once', async () => {
    const signed = signedLogin(door.url, 'ana', keys.ana);
    expect((await door.post('login', signed)).status).toBe(200);
    expect(await refused(signed)).toBe(
      '409 replayed: This login was used before, and it is valid for one use only. Nothing was sent.\n' +
        'Send the command again.',
    );
  });

  it('for another door is refused', async () => {
    expect(await refused(signedLogin('https://evil.example', 'ana', keys.ana))).toBe(
      `403 no-right: The login was signed for another address. This door is ${door.url}.\n` +
        `Use this address: plimsoll --server ${door.url} …`,
    );
  });

  it('that has ended, or would be valid for too long, is refused', async () => {
    const at = (ms: number) => new Date(Date.now() + ms).toISOString();
    const past = signedLogin(door.url, 'ana', keys.ana, { notAfter: at(-1) });
    expect(await refused(past)).toMatch(/^403 expired: The login was valid until /);
    const long = signedLogin(door.url, 'ana', keys.ana, { notAfter: at(13 * 60_000) });
    expect(await refused(long)).toMatch(/^403 expired: The login would be valid for too long/);
  });
});

describe('a session', () => {
  it('ends after 12 hours', async () => {
    let later = 0;
    const own = await start({ now: () => Date.now() + later });
    const token = await own.login('ana');
    const status = async () => (await own.post('registry', {}, token)).status;
    later = 12 * 60 * 60_000 - 5_000;
    expect(await status()).toBe(200);
    later += 6_000;
    expect(await status()).toBe(401);
  });

  it('ends when its key is revoked, removed, or has run out', async () => {
    const own = await start();
    const token = await own.login('ana');
    const status = async () => (await own.post('registry', {}, token)).status;
    expect(await status()).toBe(200);
    own.config.approvers = {
      ...own.config.approvers,
      ana: { keys: [keys.eve.publicKey], emails: [] },
    };
    expect(await status()).toBe(401);
    const ended = `valid-before="20260101" ${keys.ana.publicKey}`;
    own.config.approvers = { ...own.config.approvers, ana: { keys: [ended], emails: [] } };
    expect(await status()).toBe(401);
    own.config.approvers = {
      ...own.config.approvers,
      ana: { keys: [keys.ana.publicKey], emails: [] },
    };
    expect(await status()).toBe(200);
    own.config.revoked = [keys.ana.publicKey];
    expect(await status()).toBe(401);
  });

  it('that somebody made or changed counts nothing', async () => {
    const token = await door.login('ana');
    const [body = '', ...seal] = token.split('.');
    const known = JSON.parse(Buffer.from(body, 'base64url').toString());
    const status = async (changes: object, sealed: string) => {
      const text = JSON.stringify({ ...known, ...changes });
      const changed = `${Buffer.from(text).toString('base64url')}.${sealed}`;
      return (await door.post('registry', {}, changed)).status;
    };
    expect(await status({}, seal.join('.'))).toBe(200);
    expect(await status({ until: known.until + 1 }, seal.join('.'))).toBe(401);
    const foreign = createSeals(generateKeyPairSync('ed25519').privateKey);
    expect(await status({}, foreign.seal('door', known))).toBe(401);
    expect(await status({}, seals.seal('plan', known))).toBe(401);
    expect(await status({}, seals.seal('door', known))).toBe(200);
  });

  it('is not the ticket of a task, and a task has one owner', async () => {
    const [ana, ci] = [await door.login('ana'), await door.login('ci')];
    const begun = await door.post('begin', { task: 'budget', input: null }, ana);
    const input = { ticket: begun.body.result.id, ms: 100 };
    const codes = async (token: string, changes = {}) =>
      (await door.post('taskEnd', { ...input, ...changes }, token)).body.error?.code ?? 'ok';
    expect(await codes(ana)).toBe('ok');
    expect(await codes(ci)).toBe('no-right');
    expect(await codes(ana, { ticket: ana })).toBe('no-right');
    expect(await codes(input.ticket)).toBe('no-session');
  });
});

test('an address and a person can call only so often, and people wait for their turn', async () => {
  const few = { perSecond: 0.001, burst: 3 };
  const byAddress = await start({ rates: { perAddress: few } });
  const codes = async (one: Door, token?: string) => {
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => one.post('registry', {}, token)),
    );
    return answers.map(({ body }) => String(body.error?.code ?? 'ok')).toSorted();
  };
  expect(await codes(byAddress)).toEqual([
    ...['no-session', 'no-session', 'no-session', 'too-many', 'too-many'],
  ]);
  const byPerson = await start({ rates: { perPerson: few } });
  const token = await byPerson.login('ana');
  expect(await codes(byPerson, token)).toEqual(['ok', 'ok', 'ok', 'too-many', 'too-many']);
  expect(byPerson.calls.length).toBe(3);
  const byTask = await start({ rates: { perPerson: { perSecond: 0.001, burst: 11 } } });
  const [reader, tasks] = [await byTask.login('ana'), [] as string[]];
  for (let at = 0; at < 3; at += 1) {
    const begun = await byTask.post('begin', { task: 'budget', input: null }, reader);
    tasks.push(begun.body.error?.code ?? 'ok');
  }
  expect(tasks).toEqual(['ok', 'ok', 'too-many']);
  const byWrite = await start({ rates: { writesPerPerson: few } });
  const writer = await byWrite.login('ci');
  const writes = [];
  for (let at = 0; at < 5; at += 1) {
    const input = signedInput(signedCalls['plan'] as SignedCall);
    writes.push((await byWrite.post('begin', input, writer)).body.error?.code ?? 'ok');
  }
  expect(writes).toEqual(['ok', 'ok', 'ok', 'too-many', 'too-many']);
  expect((await byWrite.post('registry', {}, writer)).status).toBe(200);
  const byLogin = await start({ rates: { loginsPerAddress: few } });
  for (let at = 0; at < 3; at += 1) await byLogin.post('login', {});
  expect((await byLogin.post('login', {})).body.error.code).toBe('too-many');
});

describe('what the ledger knows', () => {
  const decide = signedCalls['decide'] as SignedCall;
  const begin = signedCalls['start'] as SignedCall;
  const row = { deployId: 'd-1', body: { runId: 'another' } } as never;
  const codes = async (find: () => Promise<never>) => {
    const own = await start({ ledger: { find } });
    const answers = [];
    for (const one of [begin, decide]) {
      const token = await own.login(one.who);
      answers.push((await own.post(one.call, signedInput(one), token)).body.error?.code ?? 'ok');
    }
    return [...answers, ...own.calls];
  };

  it('is a replay, also after the worker started again', async () => {
    expect(await codes(async () => row)).toEqual(['replayed', 'replayed']);
  });

  it('is needed for a request, and a decision does not wait for it', async () => {
    const away = async () => Promise.reject(new Error('the ledger is away'));
    expect(await codes(away)).toEqual(['away', 'ok', 'deploy', 'decide']);
  });
});

test('what Temporal says is explained, and an unknown error stays in the log of the worker', async () => {
  const fails = (error: Error) => async () => Promise.reject(error);
  const named = (name: string) => Object.assign(new Error('x'), { name });
  const said = async (error: Error) => {
    const answers = { lastPoll: fails(error), isAway: (cause: unknown) => cause === away };
    const own = await start({ answers });
    const input = { taskQueue: 'q' };
    const { body } = await own.post('lastPoll', input, await own.login('ana'));
    return [body.error.code, body.error.message.split('\n')[0], ...own.said.slice(1)];
  };
  const away = new Error('14 UNAVAILABLE');
  expect(await said(away)).toEqual([
    ...['away', 'The worker cannot reach Temporal now. Nothing was changed.'],
  ]);
  expect(await said(new UserError('the server accepts no more signals'))).toEqual([
    ...['not-now', 'the server accepts no more signals'],
  ]);
  expect(await said(named('WorkflowNotFoundError'))).toEqual([
    ...['not-now', 'The deploy is closed, so nothing was sent.'],
  ]);
  expect(await said(named('WorkflowExecutionAlreadyStartedError'))).toEqual([
    ...['not-now', 'The same command runs already.'],
  ]);
  expect(await said(new TypeError('a bug'))).toEqual([
    ...['failed', "The worker could not do this. The reason is in the worker's log."],
    'The door could not answer a call: a bug',
  ]);
});

test('refused calls are counted, the newest 100 are kept, and one line is logged', async () => {
  const own = await start({ rates: { perAddress: { perSecond: 1000, burst: 1000 } } });
  for (let at = 0; at < 120; at += 1) await own.post(`x\n${at}`.slice(0, 1), {}, 'a-secret-token');
  const { counts, last } = own.known();
  expect(counts).toEqual({ 'unknown-call': 120 });
  expect(last.length).toBe(100);
  await own.close();
  expect(own.said).toEqual([
    `The door is open at ${own.url}.`,
    'The door refused calls: unknown-call 120. The last: x from 127.0.0.1.',
  ]);
});

test('a client that sends nothing, or never ends its head, is closed', async () => {
  const { hostname, port } = new URL(door.url);
  const socket = connect(Number(port), hostname);
  const said = new Promise<string>((resolve) => {
    let text = '';
    socket.on('data', (chunk) => void (text += chunk));
    socket.on('close', () => resolve(text));
  });
  socket.write('GARBAGE\r\n\r\n');
  expect(await said).toBe('HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n');
});
