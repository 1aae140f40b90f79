import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ProjectSpec } from '../../sandbox/fleet/fleet.ts';
import { environment, eventually, projectIn, startStack } from '../support/e2e.ts';
import type { Stack } from '../support/e2e.ts';

/**
 * A service whose critical paths answer what the function `page` of the path returns. `before` runs
 * when the service starts. `shared`: a file that all releases of the service see.
 */
const service = (page: string, before = '') => ({
  'server.mjs': `
import { existsSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { basename } from 'node:path';
const sha = process.env.RELEASE_SHA ?? basename(process.cwd());
const shared = '../../damaged';
const startedAt = Date.now();
let asked = 0;
${before}
const page = ${page};
const own = {
  '/healthz': () => [200, 'ok'],
  '/version': () => [200, JSON.stringify({ sha })],
  '/heartbeat': () => [200, JSON.stringify({ at: new Date().toISOString() })],
};
createServer(({ url }, response) => {
  const [status, text] = (own[url] ?? page)(url);
  response.writeHead(status, { connection: 'close' }).end(text);
}).listen({ port: Number(process.env.PORT), host: '127.0.0.1', reusePort: true });
process.on('SIGTERM', () => process.exit(0));
`,
});

const well = "() => [200, 'shop 1']";
/** Answers well until somebody damaged the shared data. */
const reads = (bad: string) =>
  service(`(url) => existsSync(shared) && ${bad} ? [500, 'broken'] : [200, 'shop 1']`);
/** The release damages the shared data in the watch, and fails from then on. */
const damages = service(`() => {
  if ((asked += 1) === 25) writeFileSync(shared, 'x');
  return existsSync(shared) ? [500, 'broken'] : [200, 'shop 2'];
}`);
/** The release works, and its process ends after `ms`. */
const dies = (ms: number) =>
  service("() => [200, 'shop 2']", `setTimeout(() => process.exit(1), ${ms});`);

const worker = `
import { createServer } from 'node:http';
const sha = process.env.RELEASE_SHA ?? process.cwd().split('/').at(-1);
let asked = 0;
createServer(({ url }, response) => {
  const own = { '/healthz': 'ok', '/version': sha, '/heartbeat': JSON.stringify({ at: new Date() }) };
  const bad = !(url in own) && (asked += 1) > 25;
  response.writeHead(bad ? 500 : 200, { connection: 'close' }).end(own[url] ?? 'shop 2');
}).listen({ port: process.env.PORT, host: '127.0.0.1', reusePort: true });
setTimeout(() => process.exit(), 600_000);
`;
/** The service starts a worker that outlives it and shares its port. */
const leaves = (env: string) => ({
  'worker.mjs': worker,
  'server.mjs': `
import { spawn } from 'node:child_process';
import { basename } from 'node:path';
const env = ${env};
const child = spawn(process.execPath, ['worker.mjs'], { stdio: 'ignore', detached: true, env });
child.unref();
process.on('SIGTERM', () => process.exit(0));
setInterval(() => {}, 1000);
`,
});

const releases: Record<string, Pick<ProjectSpec, 'first' | 'next'>> = {
  'dies-1': { first: service(well), next: dies(400) },
  'dies-2': { first: service(well), next: dies(1200) },
  'dies-3': { first: service(well), next: dies(2500) },
  'dies-4': { first: service(well), next: dies(800) },
  left: { first: service(well), next: leaves('process.env') },
  hidden: {
    first: service(well),
    next: leaves('{ PORT: process.env.PORT, RELEASE_SHA: basename(process.cwd()) }'),
  },
  damaged: { first: reads('true'), next: damages },
  path: { first: reads("url === '/pay'"), next: damages },
  share: { first: reads('(asked += 1) % 6 === 0'), next: damages },
  heals: { first: reads('Date.now() - startedAt < 3000'), next: damages },
};
const fleetProjects: ProjectSpec[] = Object.entries(releases).map(([name, release]) => ({
  ...release,
  name,
  hosts: 1,
  checks: 'success',
}));

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ fleetProjects });
});
afterAll(() => stack?.close());

/** Deploys, and returns the end of the deploy. */
async function ended(project: string) {
  await stack.deploy(project);
  await stack.reached(project, 'approval');
  await stack.approve(project);
  const { outcome } = await stack.report(project);
  const { liveNow, proof, cause, timeline = [] } = await stack.status(project);
  const { code } = await stack.cli(['status', project, environment]);
  return { outcome, code, liveNow, proof, cause, timeline: timeline.map(({ what }) => what) };
}

async function answers(project: string) {
  const [host] = projectIn(stack.fleet, project).hosts;
  const asked = Array.from({ length: 20 }, async () => {
    const response = await fetch(host?.url ?? '', { headers: { connection: 'close' } });
    return `${response.status} ${await response.text()}`;
  });
  return [...new Set(await Promise.all(asked))];
}
const pagesOf = (project: string) =>
  stack.fleet.sandbox.pager.calls().filter(({ title }) => title.startsWith(`${project} `));

test('a release that dies soon is rolled back, and the place is free', async () => {
  const dying = Object.keys(releases).filter((name) => name.startsWith('dies'));
  const ends = await Promise.all(dying.map(ended));
  expect(ends.map(({ outcome, code }) => `${outcome} ${code}`)).toEqual(
    dying.map(() => 'rolled-back 5'),
  );
  for (const project of dying) {
    expect(await answers(project)).toEqual(['200 shop 1']);
    // No check ran on the commit that reverts the branch.
    await stack.deploy(project);
    expect(await stack.report(project)).toMatchObject({ outcome: 'gate-closed' });
  }
});

test('a process of the failed release that shares the port is stopped by the rollback', async () => {
  const { timeline, ...end } = await ended('left');
  expect(end).toMatchObject({ outcome: 'rolled-back', code: 5 });
  expect(timeline.filter((what) => what.startsWith('stopped process'))).toHaveLength(1);
  expect(await answers('left')).toEqual(['200 shop 1']);
});

test('a process that nothing ties to the service is named, with the command that stops it', async () => {
  const { outcome, code, proof, liveNow } = await ended('hidden');
  expect({ outcome, code }).toEqual({ outcome: 'rolled-back-still-failing', code: 9 });
  const named = proof?.problems.find((problem) => problem.includes('sudo kill')) ?? '';
  expect(named).toMatch(/port \d+ is held by process \d+ \(node\)/);
  expect(liveNow).toMatch(/^\w{7}, rolled back; still failing$/);
  process.kill(Number(/sudo kill (\d+)/.exec(named)?.[1]), 'SIGKILL');
});

test.each([
  ['damaged', ['auth', 'payments', 'core']],
  ['path', ['payments']],
  ['share', ['auth', 'payments', 'core']],
])('a rollback target that fails as well is never proven: %s', async (project, failing) => {
  const { outcome, code, proof, liveNow, cause } = await ended(project);
  expect({ outcome, code }).toEqual({ outcome: 'rolled-back-still-failing', code: 9 });
  const paths = proof?.problems.map((problem) => problem.split(' ')[0]);
  expect(paths?.length).toBeGreaterThan(0);
  expect(failing).toEqual(expect.arrayContaining(paths ?? []));
  expect(liveNow).toContain('rolled back; still failing');
  expect(cause?.detail).toMatch(/^rolled back; still failing: .+ The rollback began because: /);
  const page = await eventually('a person is paged', () => pagesOf(project)[0]);
  expect(page).toMatchObject({
    title: `${project} ${environment}: ROLLED BACK; STILL FAILING`,
    priority: '5',
  });
  const incidents = await eventually('the incident is open', async () => {
    const { stdout } = await stack.cli(['incidents', '--project', project, '--json']);
    const list = JSON.parse(stdout) as { closed: unknown }[];
    return list.length > 0 ? list : null;
  });
  expect(incidents).toMatchObject([{ closed: null }]);
});

test('a rollback target that needs some seconds is rolled back and proven', async () => {
  const { outcome, code, proof } = await ended('heals');
  expect({ outcome, code }).toEqual({ outcome: 'rolled-back', code: 5 });
  expect(proof?.problems).toEqual([]);
});
