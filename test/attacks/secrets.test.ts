import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Octokit } from '@octokit/rest';
import { ApplicationFailure, defaultPayloadConverter } from '@temporalio/common';
import { MockActivityEnvironment } from '../support/activity-environment.ts';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { guardActivities } from '../../activities/authority/guard.ts';
import { octokitFor } from '../../activities/github/octokit.ts';
import { openLedger } from '../../activities/ledger/ledger.ts';
import { check } from '../../activities/lib/finding.ts';
import { request } from '../../activities/lib/http.ts';
import { knownSecrets } from '../../activities/lib/known-secrets.ts';
import { createRedactor } from '../../activities/lib/redactor.ts';
import { createSeals } from '../../activities/lib/seals.ts';
import { secret } from '../../activities/lib/secret.ts';
import { reportOf } from '../../activities/gates/report.ts';
import { createPager } from '../../activities/page/page.ts';
import { slackClient } from '../../activities/slack/client.ts';
import { main } from '../../client/program.ts';
import { Config } from '../../domain/config/config.ts';
import { Board } from '../../sandbox/board.ts';
import { startSmtp } from '../../sandbox/pager/smtp.ts';
import { refuseWrittenSecrets, secretRefs, shortSecrets } from '../../worker/config/secrets.ts';
import { createDoorServer } from '../../worker/doors/web/http-server.ts';
import { CleanLogger, cleanFailures, cleaningCodec } from '../../worker/redaction.ts';
import { commit, memory, planner, signed } from '../support/planning.ts';
import { unguarded } from '../support/unguarded.ts';

/** Values of every kind: with signs of JSON, HTML, shell and addresses, several lines, other scripts. */
const planted: Record<string, string> = {
  PLANTED_PLAIN: 'hunter2-of-the-night',
  PLANTED_EIGHT: 'q7#Kz9!w',
  PLANTED_SIGNS: `a"b\\c'd/e&f<g>h+i=j?k%l`,
  PLANTED_SPACES: 'correct horse battery staple 7',
  PLANTED_SCRIPT: 'pässwörd-ключ-鍵-🔑-0815',
  PLANTED_LINES: `-----BEGIN X-----\n${'Zm9vYmFyYmF6'.repeat(5)}\n${'cXV4cXV1eDEy'.repeat(5)}\n-----END X-----`,
  PLANTED_ADDRESS: 'https://ntfy.example/topic-0f9e8d7c6b5a4f3e',
  PLANTED_DATABASE: 'postgres://shop:s3cr3t%2Fof%2Fshop@db.example/shop',
};

const json = (text: string) => JSON.stringify(text).slice(1, -1);

/** Every form of a value in a text. */
const formsOf = (value: string): Record<string, string> => {
  const base64 = (before: string) => Buffer.from(`${before}${value} and more`).toString('base64');
  return {
    plain: value,
    json: json(value),
    'json in json': json(json(value)),
    percent: encodeURIComponent(value),
    'percent, small': encodeURIComponent(value).replaceAll(/%../g, (one) => one.toLowerCase()),
    form: new URLSearchParams({ value }).toString(),
    base64: Buffer.from(value).toString('base64'),
    'base64 after 1': base64('x'),
    'base64 after 2': base64('xy'),
    'base64 after 3': base64('xyz'),
    base64url: Buffer.from(value).toString('base64url'),
    hex: Buffer.from(value).toString('hex'),
    'hex, large': Buffer.from(value).toString('hex').toUpperCase(),
  };
};
const all = Object.values(planted).flatMap((value) => Object.values(formsOf(value)));
const text = `canary ${all.join(' | ')} end`;

/** Returns the pieces of planted values in a text. A text in base64 is searched after decoding too. */
function found(left: string): string[] {
  const bytes = left
    .split(/[^A-Za-z0-9+/=_-]+/)
    .flatMap((word) => [0, 1, 2, 3].map((at) => Buffer.from(word.slice(at), 'base64').toString()));
  const searched = [left, ...bytes];
  return Object.entries(planted)
    .filter(([, value]) => searched.some((one) => one.includes(value)))
    .map(([name]) => name);
}

let server: Server;
let base: string;
const bodies: string[] = [];
beforeAll(async () => {
  for (const [name, value] of Object.entries(planted)) secret(`env:${name}`, { [name]: value });
  server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const { 'x-title': title = '', 'x-plimsoll-key': key = '' } = incoming.headers;
      const body = Buffer.concat(chunks).toString();
      bodies.push([title, key, body, decodeURIComponent(body.replaceAll('+', ' '))].join('\n'));
      response.setHeader('content-type', 'application/json').end('{"ok":true}');
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

const sent = async (send: () => Promise<unknown>) => {
  const before = bodies.length;
  await send();
  return bodies.slice(before).join('\n');
};

/** Each sink takes the text and returns everything that left the process. */
const sinks: Record<string, (text: string) => Promise<string>> = {
  'a result, a heartbeat, an input or a memo in Temporal': async (it) => {
    const payload = defaultPayloadConverter.toPayload({ it, [it]: [it], at: 1_764_583_331_000 });
    const [out] = await cleaningCodec.encode([payload]);
    const value = defaultPayloadConverter.fromPayload(out!);
    expect(value).toMatchObject({ at: 1_764_583_331_000 });
    return JSON.stringify(value);
  },
  'a failure in Temporal': async (it) => {
    const failing = () => {
      const cause = new Error(it);
      throw ApplicationFailure.create({ message: it, type: 'Refused', details: [{ it }], cause });
    };
    const env = new MockActivityEnvironment({}, { interceptors: [cleanFailures] });
    const failure = await env
      .run(async () => failing())
      .then(
        () => null,
        (cause: unknown) => cause as ApplicationFailure,
      );
    expect(failure).toMatchObject({ type: 'Refused' });
    const { message, stack, details, cause } = failure!;
    return JSON.stringify([message, stack, details, (cause as Error).message, String(cause)]);
  },
  'the log of the worker': async (it) => {
    const lines: string[] = [];
    const write = vi.spyOn(process.stderr, 'write').mockImplementation((line) => {
      lines.push(String(line));
      return true;
    });
    new CleanLogger('WARN').warn(it, { it, error: new Error(it) });
    write.mockRestore();
    return lines.join('\n');
  },
  'the ledger': async (it) => {
    const ledger = await openLedger({ path: ':memory:' });
    await ledger.append({
      ...{ kind: 'flag', key: `k ${it}`, deployId: 'd-1', project: 'p', environment: 'e' },
      body: { it, list: [{ [it]: it }] },
    });
    expect(await ledger.verify()).toMatchObject({ ok: true });
    return JSON.stringify(await ledger.read({ limit: 9 }));
  },
  Slack: (it) =>
    sent(() =>
      slackClient(base, 'a-token-of-slack').chat.postMessage({
        ...{ channel: 'C1', text: it, blocks: [{ type: 'markdown', text: it }] },
        metadata: { event_type: 'x', event_payload: { it } },
      }),
    ),
  'the page by webhook': (it) => sent(() => pager({ webhook: `${base}/page` }).page(pageOf(it))),
  'the page by mail': async (it) => {
    const smtp = await startSmtp({ board: new Board(), password: 'pass-of-smtp' });
    const { host, port } = smtp;
    const people = { from: 'plimsoll@example.com', to: ['oncall@example.com'] };
    const auth = { user: 'plimsoll', password: 'env:SMTP_PASSWORD' };
    await pager({ smtp: { host, port, secure: false, ...people, ...auth } }).page(pageOf(it));
    const mails = JSON.stringify(smtp.mails());
    await smtp.close();
    return mails;
  },
  GitHub: (it) =>
    sent(() =>
      octokitFor(base, { token: 'a-token-of-github' }).issues.create({
        ...{ owner: 'acme', repo: 'shop', title: it, body: it, labels: [it] },
      }),
    ),
  'a request to a vendor': (it) =>
    sent(() =>
      request({ method: 'POST', url: base, token: 'a-token', body: { it }, timeoutMs: 5000 }),
    ),
  'the report of a gate': async (it) =>
    JSON.stringify(reportOf('audit', { open: false, reasons: [it] })),
  'the findings of doctor': async (it) => {
    const good = await check('one', () => it);
    const bad = await check('two', () => Promise.reject(new Error(it)));
    return JSON.stringify([good, bad]);
  },
  'the door': async (it) => {
    const door = createDoorServer({
      origin: 'http://127.0.0.1',
      admit: () => {},
      answer: async () => ({ it }),
      refused: () => {},
    });
    await new Promise<void>((done) => door.listen(0, '127.0.0.1', done));
    const { port } = door.address() as AddressInfo;
    const answer = await ask(port);
    door.close();
    return answer;
  },
};

const pager = (page: object) => createPager({ page: page as never, secret: () => 'pass-of-smtp' });
const pageOf = (it: string) => ({
  deploy: { deployId: 'd-1', project: 'p', environment: 'e', sha: 'a'.repeat(40) },
  ...{ step: it, title: it, text: it, priority: 'high' as const },
});

/** The door compares the header Host, which fetch does not let anybody set. */
async function ask(port: number): Promise<string> {
  const { request: open } = await import('node:http');
  const headers = { host: '127.0.0.1', 'content-type': 'application/json' };
  return await new Promise((done, fail) => {
    const call = open({ port, host: '127.0.0.1', method: 'POST', path: '/v1/status', headers });
    call.on('error', fail).on('response', (response) => {
      let body = '';
      response.on('data', (chunk) => (body += chunk)).on('end', () => done(body));
    });
    call.end('{}');
  });
}

describe('no planted secret leaves the process, in any form', () => {
  test.each(Object.keys(sinks))('%s', async (name) => {
    const left = await sinks[name]!(text);
    expect(left).toContain('canary');
    expect(left).toContain('left out]');
    expect(found(left)).toEqual([]);
  });

  test('the planted secrets would be found', () => {
    expect(found(text)).toEqual(Object.keys(planted));
    for (const [name, value] of Object.entries(planted))
      for (const [form, one] of Object.entries(formsOf(value)).filter(([of]) => /64/.test(of)))
        expect([form, found(one)]).toEqual([form, [name]]);
  });
});

describe('the redactor', () => {
  test('names what it left out, and leaves other texts as they are', () => {
    const clean = (it: string) => knownSecrets.clean(it);
    expect(clean('password hunter2-of-the-night!')).toBe('password [PLANTED_PLAIN, left out]!');
    expect(clean('s3cr3t/of/shop')).toBe('[PLANTED_DATABASE, left out]');
    const same = { at: 1, list: ['hunter2', null], none: undefined };
    expect(knownSecrets.cleanAll(same)).toEqual(same);
  });

  test('takes the longest of several secrets', () => {
    const redactor = createRedactor();
    redactor.learn('SHORT', 'abcdefgh');
    redactor.learn('LONG', 'abcdefgh-ijkl');
    expect(redactor.clean('x abcdefgh-ijkl abcdefgh')).toBe('x [LONG, left out] [SHORT, left out]');
  });

  test('does not learn a value of fewer than 8 characters', () => {
    const redactor = createRedactor();
    expect(redactor.learn('PIN', '1234567')).toBe(false);
    expect(redactor.clean('port 1234567')).toBe('port 1234567');
  });

  test('forgets the oldest of many tokens', () => {
    const redactor = createRedactor();
    const [first, last] = ['token-number-0-of-many', 'token-number-200-of-many'];
    redactor.learn('LASTING', 'configured-value');
    for (let at = 0; at <= 200; at += 1)
      redactor.learn('a token', `token-number-${at}-of-many`, { passes: true });
    expect(redactor.clean(`${first} ${last} configured-value`)).toBe(
      `${first} [a token, left out] [LASTING, left out]`,
    );
  });

  test('follows shared and circular values, and keeps the type of an error', () => {
    const shared = { it: 'hunter2-of-the-night' };
    const circle: Record<string, unknown> = { shared, again: [shared] };
    circle['self'] = circle;
    const out = knownSecrets.cleanAll(circle);
    expect(JSON.stringify([out['shared'], out['again']])).not.toContain('hunter2');
    expect(out['self']).toBe(out);
    const error = new RangeError('hunter2-of-the-night', { cause: shared });
    expect(knownSecrets.cleanAll(error)).toBe(error);
    expect(error.message).toBe('[PLANTED_PLAIN, left out]');
    expect(JSON.stringify(error.cause)).not.toContain('hunter2');
  });

  test('learns a token that the process sends in a header', async () => {
    await request({ method: 'GET', url: base, token: 'minted-by-the-worker-1', timeoutMs: 5000 });
    expect(knownSecrets.clean('got minted-by-the-worker-1')).toBe('got [a credential, left out]');
    await octokitFor(base, { token: 'minted-by-the-worker-2' }).request('GET /user');
    expect(knownSecrets.clean('minted-by-the-worker-2')).toBe('[a credential, left out]');
    expect(Octokit.VERSION).toBeTruthy();
  });
});

describe('a value that cannot be removed', () => {
  const person = (letter: string) => ({
    keys: [`ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA${letter.repeat(42)}`],
    emails: [`${letter}@example.com`],
  });
  const config = Config.parse({
    sandbox: true,
    approvers: { ana: person('A'), ben: person('B') },
    slack: { token: 'env:SLACK_BOT_TOKEN', deployments: 'deploys', incidents: 'incidents' },
    page: {
      smtp: {
        ...{ host: 'localhost', from: 'a@example.com', to: ['b@example.com'] },
        ...{ user: 'plimsoll-mail', password: 'env:SMTP_PASSWORD' },
      },
    },
    projects: {},
  });

  test('is reported if it is too short', () => {
    expect(secretRefs(config)).toEqual(['env:SLACK_BOT_TOKEN', 'env:SMTP_PASSWORD']);
    expect(
      shortSecrets(config, { SLACK_BOT_TOKEN: 'xoxb-long-enough', SMTP_PASSWORD: 'short' }),
    ).toEqual(['SMTP_PASSWORD']);
  });

  test.each(['plimsoll-mail', 'incidents', 'rolled-back', 'planDeploy'])(
    'is refused if it is a usual word: %s',
    (value) => {
      expect(() => refuseWrittenSecrets(config, { SMTP_PASSWORD: value })).toThrow(
        'The value of SMTP_PASSWORD is no secret: it is also a word in plimsoll.yaml, or a name ' +
          'that Plimsoll uses.\n' +
          'Make a random value, set it at the service and where the worker is started, ' +
          'and start the worker again: openssl rand -hex 24',
      );
    },
  );

  test('is taken if it is random', () => {
    expect(() => refuseWrittenSecrets(config, { SMTP_PASSWORD: 'Zx8!kq02nVw' })).not.toThrow();
  });
});

test('a command with a secret in its arguments is not run', async () => {
  const lines: string[] = [];
  const stream = { write: (line: string) => lines.push(line), isTTY: false };
  const token = ['ghp', 'a1B2c3D4e5'.repeat(4).slice(0, 36)].join('_');
  const words = ['deploy', 'shop', 'production', '--ref', token];
  const code = await main(words, { env: {}, stdin: {}, stdout: stream, stderr: stream } as never);
  expect(code).toBe(2);
  expect(lines.join('')).toBe(
    'An argument of this command looks like a GitHub token. Nothing was started, because texts of ' +
      'commands are kept in histories and in the ledger.\n' +
      'If the secret is real, revoke it, and remove it from the history of your shell. ' +
      'Then run the command again without it.\n',
  );
});

test('a secret in a commit title or a file name is in no plan', async () => {
  memory.ledger = await openLedger({ path: ':memory:' });
  const token = ['ghp', 'a1B2c3D4e5'.repeat(4).slice(0, 36)].join('_');
  const titles = [
    // A plan shows 60 characters of a title. Here they end in the middle of the token.
    `Use a token in the line that makes the title long: ${token}`,
    `Set ${planted['PLANTED_PLAIN']} and ${planted['PLANTED_SIGNS']}`,
  ];
  const commits = titles.map((title, at) => {
    const pull = { number: at, title, author: null };
    return { ...commit(at), title, pull };
  });
  const plan = await planner({ commits: { commits, total: 2 } }).planDeploy({
    ...{ signed: signed(), runId: 'run-1', record: true },
  });
  expect(plan.commits.map(({ title, pull }) => [title, pull?.title])).toEqual([
    [
      'Use a token in the line that makes the title long: [a GitHu…',
      'Use a token in the line that makes the title long: [a GitHu…',
    ],
    [
      'Set [PLANTED_PLAIN, left out] and [PLANTED_SIGNS, left out]',
      'Set [PLANTED_PLAIN, left out] and [PLANTED_SIGNS, left out]',
    ],
  ]);
  // Nothing is left to clean on the way to Temporal, so seals and digests of the plan stay valid.
  const payload = defaultPayloadConverter.toPayload(plan);
  expect(await cleaningCodec.encode([payload])).toEqual([payload]);
});

test('an activity seals its result after the secrets are removed', async () => {
  const { privateKey } = generateKeyPairSync('ed25519');
  const seals = createSeals(privateKey);
  const made = { ref: 'main', titles: [planted['PLANTED_PLAIN'], planted['PLANTED_SIGNS']] };
  const activities = { planDeploy: async () => made } as never;
  const { planDeploy } = guardActivities(activities, { seals } as never);
  const plan = (await planDeploy({ record: true } as never)) as unknown as typeof made & {
    seal: string;
  };
  const { seal, ...unsealed } = plan;
  expect(unsealed.titles).toEqual(['[PLANTED_PLAIN, left out]', '[PLANTED_SIGNS, left out]']);
  expect(seals.whyInvalid('plan', { plan: unsealed, runId: undefined }, seal)).toBeNull();
});

test('without its guard, the secret is in the ledger', async () => {
  const { load } = unguarded([
    [
      'activities/ledger/ledger.ts',
      'knownSecrets.cleanAll({ key: entry.key, body: entry.body })',
      'entry',
    ],
  ]);
  const { openLedger: open } = await load<{ openLedger: typeof openLedger }>(
    'activities/ledger/ledger.ts',
  );
  const ledger = await open({ path: ':memory:' });
  const body = { it: planted['PLANTED_PLAIN'] };
  const row = { kind: 'flag', key: 'k', deployId: 'd-1', project: 'p', environment: 'e' } as const;
  await ledger.append({ ...row, body });
  expect(found(JSON.stringify(await ledger.read({ limit: 9 })))).toEqual(['PLANTED_PLAIN']);
});
