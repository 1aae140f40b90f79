import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createActivities } from '../../../activities/index.ts';
import { gitToken } from '../../../activities/git/token.ts';
import { openLedger } from '../../../activities/ledger/ledger.ts';
import { configOf } from '../../support/planning.ts';
import { freshSeals } from '../../support/seals.ts';

const secret = (ref: string) => `value of ${ref}`;
const tokenFor = (api: string, repository: string, known = repository) => {
  const config = { github: { api, token: 'env:T' }, projects: { shop: { repository: known } } };
  return gitToken({ config, secret })(repository);
};

test.each([
  ['https://api.github.com', 'https://github.com/acme/shop.git', true],
  ['https://ghe.example/api/v3', 'https://ghe.example/acme/shop', true],
  ['https://ghe.example:8443/api/v3', 'https://ghe.example:8443/acme/shop', true],
  ['http://127.0.0.1:4000', 'http://127.0.0.1:5000/acme/shop.git', true],
  ['http://[::1]:4000', 'http://[::1]:5000/acme/shop.git', true],
  ['https://api.github.com', 'https://github.com.evil.example/acme/shop.git', false],
  ['https://api.github.com', 'https://github.com@evil.example/acme/shop.git', false],
  ['https://api.github.com', 'https://github.com:8443/acme/shop.git', false],
  ['https://api.github.com', 'https://gitlab.com/acme/shop.git', false],
  ['https://api.github.com', 'http://github.com/acme/shop.git', false],
  ['http://127.evil.example', 'http://127.evil.example/acme/shop.git', false],
  ['https://api.github.com', 'git@github.com:acme/shop.git', false],
])('the token of %s goes to %s: %s', (api, repository, goes) =>
  expect(tokenFor(api, repository)).toBe(goes ? 'value of env:T' : undefined),
);

test('the token goes to no repository that is of no project', () => {
  const [shop, other] = ['https://github.com/acme/shop.git', 'https://github.com/acme/other.git'];
  expect(tokenFor('https://api.github.com', other, shop)).toBe(undefined);
});

test('there is none without GitHub', () => {
  const repository = 'https://github.com/acme/shop.git';
  const none = gitToken({ config: { projects: { shop: { repository } } }, secret });
  expect(none(repository)).toBe(undefined);
});

describe('the activities as the worker has them', () => {
  /** The requests of git that arrived at the proxy: the address, and the header with the token. */
  const seen: [string | undefined, string | undefined][] = [];
  const proxy = createServer(({ url, headers }, response) => {
    seen.push([url, headers.authorization]);
    response.writeHead(404).end();
  });
  const workspace = mkdtempSync(join(tmpdir(), 'plimsoll-token-'));
  beforeEach(async () => {
    seen.length = 0;
    await once(proxy.listen(0, '127.0.0.1'), 'listening');
    vi.stubEnv('http_proxy', `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`);
    vi.stubEnv('no_proxy', '');
    vi.stubEnv('NO_PROXY', '');
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    proxy.close();
  });
  afterAll(() => rmSync(workspace, { recursive: true, force: true }));

  const basic = `Basic ${Buffer.from('x-access-token:value of env:T').toString('base64')}`;

  test.each([
    ['http://127.0.0.1:4000', 'http://127.0.0.1:5000/shop.git', basic],
    ['http://127.0.0.1:4000', 'http://localhost:5000/shop.git', undefined],
    ['https://ghe.example/api/v3', 'http://ghe.example/shop.git', undefined],
    ['https://api.github.com', 'http://evil.example/shop.git', undefined],
  ])('with GitHub at %s, ask %s', async (api, repository, sent) => {
    const { projects } = configOf();
    const ledger = await openLedger({ path: join(workspace, 'ledger.db') });
    const { activities, close } = createActivities({
      config: {
        ...configOf({ github: { api, token: 'env:T' } }),
        projects: { shop: { ...projects['shop']!, repository } },
      },
      ledger,
      secret,
      seals: freshSeals(),
      workspace,
      remoteEndpoints: [],
    });
    const asked = activities.readBranch({ project: 'shop', environment: 'production' });
    await expect(asked).rejects.toThrow(`There is no repository at ${repository}`);
    close();
    await ledger.close();
    const address = `${repository}/info/refs?service=git-upload-pack`;
    expect(seen).toEqual([[address, sent]]);
  });
});
