import { once } from 'node:events';
import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createBuilder } from '../../../activities/builds/builder.ts';
import type { Job } from '../../../activities/builds/job.ts';
import { socketIn } from '../../../activities/builds/order.ts';
import { copyOut, unsafeEntry } from '../../../activities/builds/output.ts';
import { serveBuilds } from '../../../activities/builds/serve.ts';
import { builds as doctor } from '../../../worker/doctor/builds.ts';
import { defaultBuilds } from '../../../domain/config/builds.ts';
import type { Config } from '../../../domain/config/config.ts';
import { builder as here } from '../../support/builder.ts';
import { startBuilder } from '../../support/start-builder.ts';
import type { Started } from '../../../activities/lib/process.ts';
import { failureOf } from '../platforms/cloudflare/fixture.ts';

const isolation = await here.isolation();
let base: string;
let shared: string;
let tree: string;
beforeAll(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), 'plimsoll-builder-')));
  shared = join(base, 'builds');
  tree = join(shared, 'trees/a');
  await mkdir(tree, { recursive: true });
});
afterAll(() => rm(base, { recursive: true, force: true }));

const at = (directory: string) =>
  createBuilder({ ...defaultBuilds, isolation: 'builder', directory });
const job = (argv: string[], more: Partial<Job> = {}): Job => ({
  ...{ argv, cwd: tree, env: { GIVEN: 'it is' }, writable: [tree], timeoutMs: 60_000 },
  network: { kind: 'filtered', hosts: [] },
  ...more,
});
const remedy = (directory: string) =>
  `builds.isolation is builder, but no builder serves ${directory} (connect ENOENT ${directory}/builder.sock). ` +
  `Start one there, as the user of the worker and without tokens: plimsoll worker --builds ${directory}`;

describe.runIf(isolation.kind === 'bubblewrap')('a builder in a process of its own', () => {
  let process_: Started;
  const worker = () => at(shared);
  beforeAll(async () => {
    process_ = await startBuilder(shared);
  });
  afterAll(() => process_.stop());

  test('runs a job isolated, without the environment of worker and builder', async () => {
    process.env['PLANTED_TOKEN'] = 'planted';
    const script = 'echo "$GIVEN"; env; id -u; touch made; ls -d "$0" /proc/[0-9]* | wc -l';
    const { code, output } = await worker().run(job(['/bin/sh', '-c', script, shared]));
    delete process.env['PLANTED_TOKEN'];
    expect({ code, output }).toMatchObject({ code: 0 });
    expect(output).toMatch(/^it is\n[\s\S]*\n1000\n[2-7]\n$/);
    expect(output).not.toContain('planted');
    expect((await stat(join(tree, 'made'))).uid).toBe(process.getuid?.());
  });

  test('ends a job when the worker does not want it any more', async () => {
    const ending = new AbortController();
    const script = 'while :; do date >> ticks; sleep 0.1; done';
    const running = worker().run(job(['/bin/sh', '-c', script], { signal: ending.signal }));
    const ticks = async () => (await readFile(join(tree, 'ticks'), 'utf8').catch(() => '')).length;
    await expect.poll(ticks).toBeGreaterThan(0);
    ending.abort(new Error('cancelled'));
    await expect(running).rejects.toThrow('cancelled');
    await expect
      .poll(async () => {
        const before = await ticks();
        await new Promise((done) => setTimeout(done, 300));
        return (await ticks()) - before;
      })
      .toBe(0);
  });

  test('changes only what is shared, and says what it does not see', async () => {
    const outside = await failureOf(worker().run(job(['true'], { writable: [base] })));
    expect(outside).toMatchObject({ type: 'Misconfigured', nonRetryable: true });
    expect(outside.message).toBe(
      `The builder refused a build that would change ${base}, because the path is not in ${shared}. ` +
        'Write the same directory under builds.directory in plimsoll.yaml and after plimsoll worker --builds.',
    );
    const lacking = await failureOf(worker().run(job(['true'], { readable: ['/no/npmrc'] })));
    expect(lacking.message).toBe(
      `The builder does not see /no/npmrc, which the build needs. The builder must see ${shared}, the file ` +
        '"npmrc" and the packages of Plimsoll at the same paths as the worker. Mount them there, and start the builder again.',
    );
  });

  test('is shown by doctor', async () => {
    const config = {
      builds: { ...defaultBuilds, isolation: 'builder', directory: shared },
      projects: { a: { environments: { b: { platform: 'cloudflare' } } } },
    } as unknown as Config;
    expect(await doctor(config, worker())).toMatchObject({
      state: 'ok',
      text: expect.stringMatching(
        /^the builder at \S+ answers: builds run in bubblewrap [\d.]+, with 4096 MB/,
      ),
    });
  });

  test('serves a directory alone', async () => {
    const second = await serveBuilds(shared, { env: {} }).catch((cause: Error) => cause);
    expect((second as Error).message).toBe(
      `Another builder serves ${shared}. One directory has one builder.\nUse the running one, or stop it first.`,
    );
  });
});

test('a builder takes no order that could leave the isolation or use the whole network', async () => {
  const directory = join(base, 'strict');
  const asked: unknown[] = [];
  const make = ((builds: unknown) => {
    asked.push(builds);
    return { isolation: async () => ({ kind: 'missing', why: 'not here' }) };
  }) as unknown as typeof createBuilder;
  const serving = await serveBuilds(directory, { env: {}, make });
  const worker = createBuilder({ ...defaultBuilds, isolation: 'builder', directory });
  expect(await worker.isolation()).toEqual({ kind: 'missing', why: 'not here' });
  expect(asked).toEqual([defaultBuilds]);
  const wrong = { ...job(['true']), cwd: 'not absolute' };
  expect((await failureOf(worker.run(wrong))).message).toContain('different versions of Plimsoll');
  await serving.close();
  expect(await readdir(directory)).toEqual([]);
});

test('a job with the whole network runs on the worker, where the token is', async () => {
  const { code, output } = await at(join(base, 'nobody')).run(
    job(['/bin/sh', '-c', 'echo "$TOKEN"'], {
      env: { TOKEN: 'of the worker' },
      network: { kind: 'whole' },
    }),
  );
  expect({ code, output }).toEqual({ code: 0, output: 'of the worker\n' });
});

test('a builder with a token in its environment does not start', async () => {
  const directory = join(base, 'never');
  const refused = await serveBuilds(directory, {
    env: { PATH: '/bin', CLOUDFLARE_API_TOKEN: 'x', TEMPORAL_API_KEY: 'x' },
  }).catch((cause: Error) => cause);
  expect((refused as Error).message).toBe(
    'A builder runs code of commits, so its environment must have no secret, but it has CLOUDFLARE_API_TOKEN, TEMPORAL_API_KEY.\n' +
      `Start it without: env -u CLOUDFLARE_API_TOKEN -u TEMPORAL_API_KEY plimsoll worker --builds ${directory}`,
  );
});

test('without a builder the gate is closed, and a build is tried again', async () => {
  const directory = join(base, 'nobody');
  expect(await at(directory).isolation()).toEqual({
    kind: 'missing',
    why: expect.stringContaining(remedy(directory)),
  });
  const failure = await failureOf(at(directory).run(job(['true'])));
  expect(failure).toMatchObject({
    type: 'Unavailable',
    nonRetryable: false,
    message: remedy(directory),
  });
});

test.each([
  ['an early end', ''],
  ['another form', '{"result":{"code":0,"output":"","timedOut":false,"more":1}}\n'],
  ['a line without an end', 'x'.repeat(2_000_000)],
])('a worker believes no builder that answers with %s', async (_, text) => {
  const directory = await mkdtemp(join(base, 'false-'));
  const server = createServer((socket) => {
    socket.on('error', () => {}).once('data', () => void socket.end(text));
  }).listen(socketIn(directory));
  await once(server, 'listening');
  const failure = await failureOf(at(directory).run(job(['true'])));
  server.close();
  expect(failure).toMatchObject({ type: 'Unavailable', nonRetryable: false });
});

describe('the output of a builder', () => {
  const filled = async () => {
    const from = await mkdtemp(join(shared, 'out-'));
    await mkdir(join(from, 'inner'));
    await writeFile(join(from, 'inner/a.js'), 'a');
    return from;
  };

  test('is copied as it is, and a link that leads out is still found', async () => {
    const from = await filled();
    await symlink('/etc/passwd', join(from, 'inner/b'));
    const to = join(base, 'copy');
    expect(await copyOut(from, to, shared)).toBe(null);
    expect(await readFile(join(to, 'inner/a.js'), 'utf8')).toBe('a');
    expect(await unsafeEntry(to)).toBe(join(to, 'inner/b'));
  });

  test('is refused above a bound, and outside of what is shared', async () => {
    const from = await filled();
    await writeFile(join(from, 'large'), 'x'.repeat(2000));
    const tooMuch = /^The build made more than \d+ files or \S+ GB, which the worker does not take/;
    const most = { files: 10, bytes: 10 };
    expect(await copyOut(from, join(base, 'c1'), shared, most)).toMatch(tooMuch);
    const few = { files: 1, bytes: 10_000 };
    expect(await copyOut(from, join(base, 'c2'), shared, few)).toMatch(tooMuch);
    await rm(join(shared, 'moved'), { recursive: true, force: true });
    await symlink(base, join(shared, 'moved'));
    await mkdir(join(base, 'private'));
    expect(await copyOut(join(shared, 'moved/private'), join(base, 'c3'), shared)).toMatch(
      /^The output of the build was moved out/,
    );
    await expect(copyOut(join(shared, 'moved'), join(base, 'c4'), shared)).rejects.toThrow(
      /ELOOP|ENOTDIR/,
    );
  });
});
