import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { FaultKind } from '../../../sandbox/board.ts';
import { gitClient, gitFixture, repository } from './git-host-fixture.ts';
import type { GitFixture } from './git-host-fixture.ts';

let fixture: GitFixture;
beforeEach(async () => {
  fixture = await gitFixture();
});
afterEach(() => fixture.close());

const effects = () => fixture.board.effects.map(({ at: _, ...effect }) => effect);
const arm = (kind: FaultKind, match = 'push') =>
  fixture.board.arm({ service: 'git', match, kind, times: 1 });
const pushed = () => ({
  service: 'git',
  operation: 'push',
  detail: `refs/heads/main ${fixture.first}..${fixture.second}`,
});

describe('the git host', () => {
  test('serves the files of its commits to a real git', async () => {
    const { host, first } = fixture;
    const script = await host.commit(repository, {
      files: { 'server.mjs': null, 'bin/run': '#!/bin/sh\n', 'ä b.txt': 'é' },
      message: 'Change everything\n\nCloses #1',
      author: { name: 'Ada', email: 'ada@example.test' },
    });
    await fixture.git('fetch', '--quiet');
    const tree = await fixture.git('ls-tree', '-r', '-z', script);
    const entries = tree.stdout.split('\0').filter(Boolean);
    expect(entries.map((entry) => entry.replace(/ blob \w+\t/, ' '))).toEqual([
      '100755 bin/run',
      '100644 ä b.txt',
    ]);
    const log = await fixture.git('log', '-1', '--format=%P|%ae|%ce|%B', script);
    expect(log.stdout.trim()).toBe(
      `${first}|ada@example.test|ada@example.test|Change everything\n\nCloses #1`,
    );
    expect(await host.head(repository)).toBe(script);
    expect(effects()).toEqual([]);
  });

  test('starts a new branch at main', async () => {
    const { host, first } = fixture;
    const sha = await host.commit(repository, { files: {}, message: 'Side', branch: 'side' });
    expect((await fixture.git('fetch', '--quiet')).code).toBe(0);
    expect((await fixture.git('rev-parse', `${sha}^`)).stdout).toBe(first);
    expect(await host.head(repository)).toBe(first);
    expect(await host.head(repository, 'nowhere')).toBeNull();
  });

  test('counts a push once, with what it moved', async () => {
    expect((await fixture.push()).stdout).toContain(
      ` \tHEAD:refs/heads/main\t${fixture.first.slice(0, 7)}..${fixture.second.slice(0, 7)}`,
    );
    expect((await fixture.push()).stdout).toContain('=\tHEAD:refs/heads/main\t[up to date]');
    expect(effects()).toEqual([pushed()]);
    expect(await fixture.host.head(repository)).toBe(fixture.second);
  });

  test('counts a push that is too large for one request once', async () => {
    const { git, host, first } = fixture;
    await writeFile(join(fixture.directory, 'clone/large'), randomBytes(300_000));
    await git('add', 'large');
    await git('commit', '--quiet', '--message', 'Large');
    await git('config', 'http.postBuffer', '65536');
    arm('500-after');
    expect((await fixture.push()).code).not.toBe(0);
    const large = await host.head(repository);
    expect(effects().map(({ detail }) => detail)).toEqual([`refs/heads/main ${first}..${large}`]);
    expect(large).not.toBe(first);
  });

  test('has no secret in its address and refuses whoever has none', async () => {
    const { host, directory } = fixture;
    expect(host.url(repository)).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/acme\/shop\.git$/);
    for (const token of [null, 'wrong']) {
      const { code, stderr } = await gitClient(directory, token)('ls-remote', host.url(repository));
      expect(code).toBe(128);
      expect(stderr).toMatch(/could not read Username|Authentication failed/);
    }
    const unknown = await gitClient(directory)('ls-remote', host.url('acme/nothing'));
    expect(unknown.stderr).toContain('not found');
  });

  test('lets anybody fetch from a public host, and nobody push', async () => {
    await fixture.close();
    fixture = await gitFixture({ visibility: 'public' });
    const anybody = gitClient(join(fixture.directory, 'clone'), null);
    expect((await anybody('ls-remote', 'origin')).stdout).toContain(fixture.first);
    expect((await anybody('push', 'origin', 'HEAD:refs/heads/main')).code).toBe(128);
    expect(effects()).toEqual([]);
  });

  test('refuses a push to a protected branch with GH006', async () => {
    fixture.host.protect(repository, ['main']);
    const refused = await fixture.push();
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain(
      'remote: error: GH006: Protected branch update failed for refs/heads/main.',
    );
    expect(refused.stdout).toContain('!\tHEAD:refs/heads/main\t[remote rejected]');
    expect((await fixture.git('push', 'origin', 'HEAD:refs/heads/side')).code).toBe(0);
    expect(await fixture.host.head(repository)).toBe(fixture.first);
    fixture.host.protect(repository, []);
    expect((await fixture.push()).code).toBe(0);
  });

  test('refuses a stale lease', async () => {
    const { host, git, first } = fixture;
    await host.commit(repository, { files: { other: 'x' }, message: 'Somebody else' });
    const lease = `--force-with-lease=main:${first}`;
    const refused = await git('push', '--porcelain', lease, 'origin', 'HEAD:refs/heads/main');
    expect(refused.stdout).toMatch(/!\t.*\[rejected\] \(stale info\)/);
    expect(effects()).toEqual([]);
  });
});

describe('the faults of a push', () => {
  const before = ['429', '500-before', 'drop-before'] as const;
  test.each(before)('%s leaves no effect', async (kind) => {
    arm(kind);
    expect((await fixture.push()).code).not.toBe(0);
    expect(effects()).toEqual([]);
    expect(await fixture.host.head(repository)).toBe(fixture.first);
    expect((await fixture.push()).code).toBe(0);
  });

  test.each(['500-after', 'drop-after'] as const)('%s leaves exactly one', async (kind) => {
    arm(kind);
    expect((await fixture.push()).code).not.toBe(0);
    expect(effects()).toEqual([pushed()]);
    expect(await fixture.host.head(repository)).toBe(fixture.second);
    expect((await fixture.push()).stdout).toContain('[up to date]');
    expect(effects()).toHaveLength(1);
  });

  test('hold keeps the answer until it is released', async () => {
    arm('hold');
    let answered = false;
    const push = fixture.push().finally(() => {
      answered = true;
    });
    await expect.poll(() => fixture.board.holding).toBe(1);
    expect(effects()).toEqual([pushed()]);
    expect(answered).toBe(false);
    fixture.board.release();
    expect((await push).code).toBe(0);
  });

  test('slow answers late and truly', async () => {
    arm('slow');
    const start = performance.now();
    expect((await fixture.push()).code).toBe(0);
    expect(performance.now() - start).toBeGreaterThan(190);
    expect(effects()).toEqual([pushed()]);
  });

  test('lying-status acknowledges a push and loses it', async () => {
    arm('lying-status');
    const lied = await fixture.push();
    expect(lied.code).toBe(0);
    expect(lied.stdout).toContain(' \tHEAD:refs/heads/main\t');
    expect(effects()).toEqual([]);
    expect(await fixture.host.head(repository)).toBe(fixture.first);
  });

  test('lying-status of the refs shows a replica that is one commit behind', async () => {
    const { host, first, git } = fixture;
    const newest = await host.commit(repository, { files: {}, message: 'Newest' });
    arm('lying-status', 'ls-refs');
    expect((await git('ls-remote', 'origin', 'main')).stdout).toContain(first);
    expect((await git('ls-remote', 'origin', 'main')).stdout).toContain(newest);
  });
});

describe('the contract of the git host is git itself', () => {
  /**
   * Starts a proxy in front of the git host. The proxy changes only the responses to pushes, with
   * `edit`.
   */
  const tamper = async (edit: (body: Buffer) => Buffer) => {
    const server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const { host: _, connection: __, ...headers } = request.headers;
      const body = chunks.length ? { body: Buffer.concat(chunks) } : {};
      const target = new URL(request.url ?? '/', fixture.host.address);
      const init = {
        method: request.method ?? 'GET',
        headers: headers as Record<string, string>,
        ...body,
      };
      const answer = await fetch(target, init);
      const raw = Buffer.from(await answer.arrayBuffer());
      const type = answer.headers.get('content-type') ?? '';
      response.writeHead(answer.status, { 'content-type': type });
      response.end(request.method === 'POST' ? edit(raw) : raw);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/${repository}.git`;
    const result = await fixture.git('push', url, 'HEAD:refs/heads/main');
    server.closeAllConnections();
    server.close();
    return result.code;
  };

  test('an untouched answer is accepted', async () => {
    expect(await tamper((body) => body)).toBe(0);
  });
  test('an answer whose "unpack ok" is renamed is refused', async () => {
    const renamed = (body: Buffer) =>
      Buffer.from(body.toString('latin1').replace('unpack ok', 'unpack no'), 'latin1');
    expect(await tamper(renamed)).not.toBe(0);
  });
  test('an answer without the ref is refused', async () => {
    const cut = (body: Buffer) =>
      Buffer.from(
        body.toString('latin1').replace('ok refs/heads/main', 'ok refs/heads/mian'),
        'latin1',
      );
    expect(await tamper(cut)).not.toBe(0);
  });
});
