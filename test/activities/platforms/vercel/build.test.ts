import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { samples } from '../../../../sandbox/samples/samples.ts';
import type { FileTree } from '../../../../sandbox/samples/samples.ts';
import { project, token } from '../../../sandbox/platforms/vercel/vercel-fixture.ts';
import { failureText } from './failure-text.ts';
import { smoke, timing, vercelPlace } from './place.ts';
import type { VercelPlace } from './place.ts';

let at: VercelPlace;
beforeEach(async () => {
  at = await vercelPlace();
});
afterEach(() => at.close());

const long = { plannedAt: '2020-01-01T00:00:00.000Z' };
const later = { plannedAt: '2100-01-01T00:00:00.000Z' };
const broken = (): FileTree => ({
  ...samples.good(2),
  'package.json': JSON.stringify({
    scripts: { build: 'echo "DATABASE_URL is not set" >&2; exit 1' },
  }),
});

describe('the build of a commit', () => {
  const pick = (sha: string, more = {}) =>
    at.do.pickDeployment({ ...at.stepOf(sha), again: false, pushed: true, ...later, ...more });

  test('is the newest one that Vercel made of it, whatever its age', async () => {
    const { sha, id } = await at.push(samples.good(2));
    await at.ended(id);
    expect(await pick(sha)).toEqual({ id });
    expect(at.effects()).toEqual(['build']);
  });

  test('is waited for while Vercel has not heard of the push', async () => {
    const picking = pick(at.first, { pushed: true, again: false });
    expect(await picking).toEqual({ id: at.live });
    const to = await at.repositories.commit('acme/barber-crm', {
      files: samples.good(3),
      message: 'Next',
    });
    const waiting = pick(to);
    at.vercel.onPush({ repository: 'acme/barber-crm', ref: 'refs/heads/main', from: at.first, to });
    const { id } = await waiting;
    expect((await at.truth()).deployments.find((one) => one.id === id)?.sha).toBe(to);
  });

  test('of a commit that is live is a new one with our key, found again after a lost answer', async () => {
    at.arm('drop-after', 'POST /v13/deployments');
    const again = { again: true, pushed: false };
    expect((await failureText(pick(at.first, again))).type).toBe('UnknownOutcome');
    const { id } = await pick(at.first, again);
    expect(id).not.toBe(at.live);
    expect(at.effects()).toEqual(['createDeployment']);
    const { deployments } = await at.truth();
    expect(deployments.at(-1)).toMatchObject({ id, sha: at.first, meta: { releaseId: 'd-1' } });
  });

  test('that failed before this deploy is tried anew; one that failed in it is not', async () => {
    const { sha, id } = await at.push(broken());
    await at.ended(id);
    expect(await pick(sha, long)).toEqual({ id });
    expect(await pick(sha)).not.toEqual({ id });
    expect(at.effects()).toEqual(['build', 'createDeployment']);
  });

  test('that no push made is started, for a commit that lay on the branch before', async () => {
    const sha = await at.repositories.commit('acme/barber-crm', {
      files: samples.good(4),
      message: 'Not the head of its push',
    });
    const { id } = await pick(sha, { pushed: false });
    expect((await at.truth()).deployments.at(-1)).toMatchObject({ id, sha, production: true });
  });

  test('that never comes after a push: what to check', async () => {
    const sha = 'c'.repeat(40);
    const step = { ...at.stepOf(sha), again: false, pushed: true, ...later };
    expect(await failureText(at.hasty.pickDeployment(step))).toEqual({
      type: 'RejectedByPlatform',
      nonRetryable: true,
      lines: [
        'vercel barber-crm: Vercel has no production build of ccccccc. Plimsoll waited 1 s for a build on main.',
        "Nothing was promoted. Check in the project's settings: Git (linked to acme/barber-crm, branch main), the Ignored Build Step, and whether commits must be verified. Then deploy again.",
      ],
    });
  });

  test('that was never started, though Vercel said so: the next attempt starts it', async () => {
    at.arm('lying-status', 'POST /v13/deployments');
    const { type, lines } = await failureText(pick(at.first, { again: true }));
    expect(type).toBe('UnknownOutcome');
    expect(lines[0]).toMatch(
      /^vercel barber-crm: Vercel answered that it started dpl_\w+, but now it does not find dpl_\w+\.$/,
    );
    await pick(at.first, { again: true });
    expect(at.effects()).toEqual(['createDeployment']);
  });

  test('that only says it is of the commit is passed over', async () => {
    const { sha, id } = await at.push(samples.good(2));
    await at.ended(id);
    const claims = { type: 'github', repoId: 100_000, ref: 'main', sha: at.first };
    const body = {
      project,
      target: 'production',
      gitSource: claims,
      meta: { githubCommitSha: sha },
    };
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const url = `${at.target.api}/v13/deployments?slug=acme`;
    const made = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
    expect(made.status).toBe(200);
    expect(await pick(sha)).toEqual({ id });
  });

  test('of a commit that a person only claims is not taken', async () => {
    const { sha, id } = await at.push(samples.good(5), 'next');
    await at.ended(id);
    const { projectId } = at.where;
    const from = { repoId: 100_000, ref: 'main', sha: at.first };
    const claim = { project, projectId, releaseId: 'claimed', from };
    const liar = await at.client.createDeployment(claim);
    expect(
      (await failureText(at.do.awaitDeployment({ ...at.stepOf(sha), id: liar }))).lines[0],
    ).toBe(
      `vercel barber-crm: the deployment ${liar} was built from ${at.first.slice(0, 7)}, not from ${sha.slice(0, 7)}.`,
    );
    expect((await failureText(at.do.awaitDeployment({ ...at.stepOf(sha), id }))).lines[0]).toBe(
      `vercel barber-crm: the deployment ${id} of ${sha.slice(0, 7)} is no production build, so a promote would build it again.`,
    );
  });
});

describe('a build', () => {
  const wait = (sha: string, id: string) => at.do.awaitDeployment({ ...at.stepOf(sha), id });

  test('is waited for', async () => {
    at.vercel.hold(project, 'builds');
    const { sha, id } = await at.push(samples.good(2));
    const waiting = wait(sha, id);
    at.vercel.letGo(project, 'builds');
    await waiting;
    expect((await at.client.deployment({ project, id }))?.state).toBe('READY');
  });

  test('that fails tells the lines that say why, and blames the release', async () => {
    const { sha, id } = await at.push(broken());
    expect(await failureText(wait(sha, id))).toEqual({
      type: 'UnhealthyRelease',
      nonRetryable: true,
      lines: [
        `vercel barber-crm: the build of ${sha.slice(0, 7)} failed at Vercel (BUILD_UTILS_SPAWN_1: Command "npm run build" exited with 1). Nothing was promoted.`,
        'The last lines of the build log:',
        'DATABASE_URL is not set',
        'Error: Command "npm run build" exited with 1',
        `Fix the build and deploy the new commit. The whole log: vercel inspect ${id} --logs`,
      ],
    });
  });

  test('that is blocked waits for a person, and goes on after a retry', async () => {
    at.vercel.blockNextBuild(project);
    const { sha, id } = await at.push(samples.good(2));
    expect(await failureText(wait(sha, id))).toEqual({
      type: 'Unavailable',
      nonRetryable: true,
      lines: [
        `vercel barber-crm: the deployment ${id} is blocked at Vercel: it waits for a person, a seat or a verified commit. Nothing was promoted. Unblock the deployment in Vercel's dashboard. Then run: plimsoll retry barber production`,
      ],
    });
    await at.vercel.unblock(project, id);
    await wait(sha, id);
  });

  test('that was cancelled, or is gone', async () => {
    at.vercel.hold(project, 'builds');
    const { sha, id } = await at.push(samples.good(2));
    await at.client.cancel({ project, id });
    at.vercel.letGo(project, 'builds');
    expect((await failureText(wait(sha, id))).lines).toEqual([
      `vercel barber-crm: the deployment ${id} of ${sha.slice(0, 7)} was cancelled at Vercel.`,
      'Nothing was promoted. Deploy again.',
    ]);
    expect((await failureText(wait(sha, 'dpl_gone'))).lines[0]).toContain(
      'does not exist any more.',
    );
  });
});

describe('the address of a build', () => {
  const tried = async (files: FileTree, more = {}) => {
    const { sha, id } = await at.push(files);
    await at.ended(id);
    const step = { ...at.stepOf(sha, more), id, smoke, timing };
    return { sha, id, trying: at.do.smokeDeployment(step) };
  };

  test('is asked for health, version and every critical path, through the protection', async () => {
    expect(await (await tried(samples.good(2))).trying).toEqual({ asked: 4 });
  });

  test('with a path that fails: it is not promoted', async () => {
    const { sha, trying } = await tried(samples.failsLater(0));
    const { type, lines } = await failureText(trying);
    expect(type).toBe('UnhealthyRelease');
    expect(lines[0]).toBe(
      `vercel barber-crm: ${sha.slice(0, 7)} is not healthy at its own address, so it was not promoted:`,
    );
    expect(lines.at(-2)).toMatch(/^- payments: http:\S+\/pay: 500 in \d+ ms, twice$|^- /);
    expect(lines.at(-1)).toBe(
      'The release is not live. Fix the problem and deploy the new commit.',
    );
  });

  test.each(['login-page', 'redirect'] as const)(
    'behind a %s is no health: which secret, and where a new one is made',
    async (kind) => {
      at.vercel.setProtection(kind);
      const { id, trying } = await tried(samples.good(2), { bypass: 'env:OLD_BYPASS' });
      const { origin } = (await at.client.deployment({ project, id }))!;
      expect(await failureText(trying)).toEqual({
        type: 'Misconfigured',
        nonRetryable: true,
        lines: [
          `vercel barber-crm: ${origin} shows Vercel's login, because Vercel does not accept the secret in OLD_BYPASS. The secret was revoked, or it belongs to another project.`,
          'Make a new secret (Settings → Deployment Protection → Protection Bypass for Automation), set OLD_BYPASS where the worker is started, and start the worker again.',
        ],
      });
      expect(
        (await failureText((await tried(samples.good(2), { bypass: null })).trying)).lines[1],
      ).toBe(
        'Make a secret (Settings → Deployment Protection → Protection Bypass for Automation), set VERCEL_BYPASS to that secret where the worker is started, and write in plimsoll.yaml: bypass: env:VERCEL_BYPASS',
      );
    },
  );

  test('that sends people to its own site is no login: the redirect is told, with what to do', async () => {
    const redirecting = {
      ...samples.good(2),
      'server.mjs': `import { createServer } from 'node:http';
createServer((_, response) =>
  response.writeHead(308, { location: 'https://barber.example/login' }).end(),
).listen(Number(process.env.PORT), '127.0.0.1');
`,
    };
    const { id, sha, trying } = await tried(redirecting);
    const { origin } = (await at.client.deployment({ project, id }))!;
    const away = '308 leads to https://barber.example, which is another site, twice';
    expect(await failureText(trying)).toEqual({
      type: 'UnhealthyRelease',
      nonRetryable: true,
      lines: [
        `vercel barber-crm: ${sha.slice(0, 7)} is not healthy at its own address, so it was not promoted:`,
        `- health: ${origin}/healthz: ${away}`,
        `- auth: ${origin}/login: ${away}`,
        `- payments: ${origin}/pay: ${away}`,
        `- core: ${origin}/: ${away}`,
        `- version: ${origin}/version: 308 leads to https://barber.example, which is another site`,
        `The release is not live. The release sends requests for ${origin} to another site, so Plimsoll cannot test it there. ` +
          'Let the release answer at its own address (a host that ends with .vercel.app) without a redirect, and deploy the new commit.',
      ],
    });
    await at.client.promote({ ...at.where, id });
    await at.moved();
    await at.client.setAutoAssign(project, false);
    const plan = { target: at.target, github: null, rollbackTarget: null };
    expect(await at.driver.guards(plan as never)).toEqual([]);
  });

  test('that answers 401 by itself is no login of Vercel', async () => {
    const closed = {
      ...samples.good(2),
      'server.mjs': `import { createServer } from 'node:http';
createServer((_, response) => response.writeHead(401).end('no')).listen(Number(process.env.PORT), '127.0.0.1');
`,
    };
    const { type, lines } = await failureText((await tried(closed)).trying);
    expect(type).toBe('UnhealthyRelease');
    expect(lines[1]).toMatch(/^- health: http:\S+\/healthz: 401 in \d+ ms, twice$/);
    expect(lines.at(-1)).toBe(
      'The release is not live. Fix the problem and deploy the new commit.',
    );
  });

  test('that does not name the commit is another build', async () => {
    const { sha, trying } = await tried(samples.good(2), { version: '/healthz' });
    expect((await failureText(trying)).lines[1]).toMatch(
      new RegExp(`^- version: http:\\S+/healthz: does not name ${sha.slice(0, 7)}$`),
    );
  });
});
