import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { workers } from '../../sandbox/samples/workers.ts';
import * as contract from './platforms/cloudflare/cloudflare-contract.ts';
import { ask, cloudflareFixture } from './platforms/cloudflare/cloudflare-fixture.ts';
import type { CloudflareFixture } from './platforms/cloudflare/cloudflare-fixture.ts';

const name = 'agency-router';
const script = `/accounts/{account}/workers/scripts/${name}`;

let fixture: CloudflareFixture;
beforeAll(async () => {
  fixture = await cloudflareFixture();
  fixture.write(workers.scheduled(name, 1));
});
afterEach(() => fixture.board.clear());
afterAll(() => fixture.close());

const wrangler = (args: string[], env?: Record<string, string>) =>
  fixture.wrangler(name, args, env);
const truth = () => fixture.cloudflare.truth().find(({ worker }) => worker === name);
const live = () => truth()?.live.map(({ tag, percentage }) => [tag, percentage]);
const versionOf = (tag: string) => {
  const record = shipped.get(tag);
  if (!record) throw new Error(`${tag} was never uploaded`);
  return record;
};
const shipped = new Map<string, string>();
const remember = (tag: string, records: Record<string, unknown>[]) => {
  const told = records.find(({ type }) => type === 'deploy' || type === 'version-upload');
  shipped.set(tag, String(told?.version_id));
};
const json = (output: string) => JSON.parse(output.slice(output.search(/[[{]/))) as never;

describe('the real wrangler, one command after the other,', () => {
  test('cannot upload a version of a worker that is not there', async () => {
    const { code, output } = await wrangler(['versions', 'upload']);
    expect(code).toBe(1);
    expect(output).toContain('Please run the `deploy` command first');
    expect(truth()).toBeUndefined();
  });

  test('deploys a new worker with its schedule, and the edge serves it', async () => {
    const { code, records } = await wrangler(['deploy', '--tag', 't1', '--message', 'one']);
    expect(code).toBe(0);
    remember('t1', records);
    expect(truth()?.live).toEqual([
      { id: versionOf('t1'), percentage: 100, tag: 't1', message: 'one' },
    ]);
    const answer = await ask(`${fixture.cloudflare.url(name)}/route`);
    expect(answer).toMatchObject({ status: 200 });
    expect(JSON.parse(answer.body)).toEqual({
      worker: name,
      release: 'scheduled 1',
      path: '/route',
    });
    const { body } = await fixture.api(`${script}/schedules`);
    expect(body.result).toMatchObject({ schedules: [{ cron: '0 6 * * *' }] });
  });

  test('deploys again: a version and a deployment', async () => {
    fixture.write(workers.scheduled(name, 2));
    const { code, records } = await wrangler(['deploy', '--tag', 't2', '--strict']);
    expect(code).toBe(0);
    remember('t2', records);
    expect(truth()).toMatchObject({ versions: 2, deployments: 2 });
    expect(live()).toEqual([['t2', 100]]);
  });

  test('uploads a version that serves nobody but its own address', async () => {
    fixture.write(workers.throwsOnLogin(name));
    const args = ['versions', 'upload', '--tag', 't3', '--message', 'three', '--strict'];
    const { code, records } = await wrangler(args);
    expect(code).toBe(0);
    remember('t3', records);
    expect(live()).toEqual([['t2', 100]]);
    const preview = fixture.cloudflare
      .previews(name)
      .replace('{version}', versionOf('t3').slice(0, 8));
    expect(await ask(`${preview}/login`)).toEqual({ status: 500, body: 'error code: 1101' });
    expect(await ask(`${fixture.cloudflare.url(name)}/login`)).toMatchObject({ status: 200 });
    expect(await ask(`${preview.replace(/\/\/.{8}/, '//00000000')}/`)).toMatchObject({
      status: 404,
    });
  });

  test('splits the traffic, and the edge serves by these shares', async () => {
    const specs = [`${versionOf('t3')}@10`, `${versionOf('t2')}@90`];
    const { code } = await wrangler(['versions', 'deploy', ...specs, '-y', '--message', 'four']);
    expect(code).toBe(0);
    expect(live()).toEqual(
      expect.arrayContaining([
        ['t3', 10],
        ['t2', 90],
      ]),
    );
    const url = `${fixture.cloudflare.url(name)}/version`;
    const answers = await Promise.all(Array.from({ length: 100 }, () => ask(url)));
    const tags = answers.map(({ body }) => (JSON.parse(body) as { tag: string }).tag);
    expect(tags.filter((tag) => tag === 't3')).toHaveLength(10);
    expect(tags.filter((tag) => tag === 't2')).toHaveLength(90);
  });

  test('serves the version that a request asks for, where it has a share', async () => {
    const url = `${fixture.cloudflare.url(name)}/version`;
    const answered = async (tag: string, worker: string = name) => {
      const value = `${worker}="${versionOf(tag)}"`;
      const headers = { 'cloudflare-workers-version-overrides': `other="x", ${value}` };
      const answers = await Promise.all(Array.from({ length: 20 }, () => ask(url, headers)));
      const tags = answers.map(({ body }) => (JSON.parse(body) as { tag: string }).tag);
      return [...new Set(tags)].toSorted();
    };
    expect(await answered('t3')).toEqual(['t3']);
    expect(await answered('t1')).toEqual(['t2', 't3']);
    expect(await answered('t3', 'another')).toEqual(['t2', 't3']);
  });

  test('rolls back to the given version', async () => {
    const { code } = await wrangler(['rollback', versionOf('t1'), '-y', '-m', 'five']);
    expect(code).toBe(0);
    expect(live()).toEqual([['t1', 100]]);
  });

  test('cannot go to a version that never was', async () => {
    const { code, output } = await wrangler(['rollback', 'ffffffff-0000-4000-8000-000000000000']);
    expect(code).toBe(1);
    expect(output).toContain('[code: 10007]');
    expect(live()).toEqual([['t1', 100]]);
  });

  test('lists deployments and shows the newest', async () => {
    const all = json((await wrangler(['deployments', 'list', '--json'])).output) as object[];
    expect(all).toHaveLength(4);
    const newest = json((await wrangler(['deployments', 'status', '--json'])).output);
    expect(newest).toMatchObject({ versions: [{ version_id: versionOf('t1'), percentage: 100 }] });
  });

  test('names secrets; a changed one is a new version that serves, and blocks a rollback', async () => {
    fixture.cloudflare.putSecret(name, 'API_KEY', 'never shown');
    const { output } = await wrangler(['secret', 'list', '--format', 'json']);
    expect(json(output)).toEqual([{ name: 'API_KEY', type: 'secret_text' }]);
    expect(live()).toEqual([[null, 100]]);
    const body = {
      strategy: 'percentage',
      versions: [{ version_id: versionOf('t2'), percentage: 100 }],
    };
    const refused = await fixture.api(`${script}/deployments`, { method: 'POST', body });
    expect(refused).toMatchObject({ status: 400, body: { errors: [{ code: 10220 }] } });
    expect((await wrangler(['rollback', versionOf('t2'), '-y'])).code).toBe(0);
    expect(live()).toEqual([['t2', 100]]);
  });

  test.each(['api', 'dash'] as const)('with --strict keeps what the %s changed', async (by) => {
    const id = fixture.cloudflare.edit(name, { by, vars: { TOGGLE: 'on' } });
    const versions = truth()?.versions;
    const { code, output } = await wrangler(['versions', 'upload', '--strict']);
    expect(code).toBe(1);
    expect(output).toContain('Aborting the upload operation because of conflicts');
    expect(truth()).toMatchObject({ versions, live: [{ id }] });
    expect((await wrangler(['versions', 'upload'])).code).toBe(0);
  });

  test('shows that its token is refused', async () => {
    const { code, output } = await wrangler(['deploy'], { CLOUDFLARE_API_TOKEN: 'wrong-token' });
    expect(code).toBe(1);
    expect(output).toContain('[code: 10000]');
  });

  test('shows why a script does not start, and nothing is kept', async () => {
    fixture.write(workers.doesNotStart(name));
    const { versions } = truth() ?? {};
    const { code, output } = await wrangler(['versions', 'upload']);
    expect(code).toBe(1);
    expect(output).toContain('no configuration');
    expect(output).toContain('[code: 10021]');
    expect(truth()?.versions).toBe(versions);
  });

  test('brings a Durable Object with deploy alone; then there is no rollback across it', async () => {
    fixture.write(workers.migrates(name));
    const { output: why } = await wrangler(['versions', 'upload']);
    expect(why).toContain('This Worker has a pending Durable Object migration');
    expect((await wrangler(['deploy', '--tag', 't9'])).code).toBe(0);
    expect(live()).toEqual([['t9', 100]]);
    const { code, output } = await wrangler(['rollback', versionOf('t2'), '-y']);
    expect(code).toBe(1);
    expect(output).toContain('Durable Object');
    expect(live()).toEqual([['t9', 100]]);
  });

  test('has moved the traffic although it fails at the address', async () => {
    const match = `POST /client/v4${script.replace('{account}', fixture.cloudflare.account)}/subdomain`;
    fixture.board.arm({ service: 'cloudflare', match, kind: '500-before', times: 3 });
    const { code, records } = await wrangler(['deploy', '--tag', 't10']);
    expect(code).toBe(1);
    expect(records.some(({ type }) => type === 'deploy')).toBe(false);
    expect(live()).toEqual([['t10', 100]]);
  });
});

describe('every answer has the official form:', () => {
  const read = async <T>(path: string, schema: z.ZodType<T>) => {
    const { status, body } = await fixture.api(`${script}${path}`);
    expect([status, body.success]).toEqual([200, true]);
    return schema.safeParse(body.result);
  };
  const cases = [
    ['deployments', '/deployments', contract.Deployments],
    ['versions', '/versions', contract.Versions],
    ['secrets', '/secrets', contract.Secrets],
    ['subdomain', '/subdomain', contract.Subdomain],
    ['schedules', '/schedules', contract.Schedules],
  ] as const;
  test.each(cases)('%s', async (_, path, schema) => {
    expect((await read(path, schema as z.ZodType)).error).toBeUndefined();
  });

  test('one version', async () => {
    const { data } = await read('/versions', contract.Versions);
    const path = `/versions/${data?.items[0]?.id}`;
    expect((await read(path, contract.Version)).error).toBeUndefined();
  });

  test('and another form would be noticed', async () => {
    expect((await read('/versions', contract.Deployments)).success).toBe(false);
    expect((await read('/subdomain', contract.Secrets)).success).toBe(false);
  });
});

describe('the API refuses', () => {
  const deploy = (versions: unknown) =>
    fixture.api(`${script}/deployments`, {
      method: 'POST',
      body: { strategy: 'percentage', versions },
    });
  test('shares that are not a hundred percent', async () => {
    const [id] = [...shipped.values()];
    const answer = await deploy([{ version_id: id, percentage: 90 }]);
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ code: 10029 }] } });
  });

  test('a wrong token, another account, an unknown worker', async () => {
    const verify = await fixture.api('/user/tokens/verify', { token: 'wrong' });
    expect(verify).toMatchObject({ status: 401, body: { errors: [{ code: 1000 }] } });
    const other = `/accounts/${'f'.repeat(32)}/workers/scripts/${name}/secrets`;
    expect(await fixture.api(other)).toMatchObject({
      status: 403,
      body: { errors: [{ code: 10000 }] },
    });
    const missing = '/accounts/{account}/workers/scripts/nobody/deployments';
    expect(await fixture.api(missing)).toMatchObject({
      status: 404,
      body: { errors: [{ code: 10007 }] },
    });
  });
});
