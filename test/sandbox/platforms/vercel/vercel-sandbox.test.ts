import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createVercel } from '../../../../activities/platforms/vercel/api/client.ts';
import { samples } from '../../../../sandbox/samples/samples.ts';
import { startSandbox } from '../../../../sandbox/sandbox.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'plimsoll-sandbox-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const [name, repository] = ['barber-crm', 'acme/barber-crm'];
const git = (cwd: string, ...args: string[]) => execa('git', args, { cwd });

test('a real push makes Vercel build; board, control and truth know of it', async () => {
  const projects = [{ name, repository, autoAssign: true }];
  const sandbox = await startSandbox({ directory, hosts: [], vercel: { projects, paceMs: 5 } });
  try {
    const [first = ''] = await sandbox.git.createRepository(repository, [
      { files: samples.good(1), message: 'First' },
    ]);
    const { vercel, tokens, control } = sandbox;
    await vercel?.seed(name, first);
    expect(sandbox.board.effects).toEqual([]);
    const url = new URL(sandbox.git.url(repository));
    Object.assign(url, { username: 'x-access-token', password: tokens.github });
    const clone = join(directory, 'clone');
    await git(directory, 'clone', '--quiet', url.href, clone);
    const author = ['-c', 'user.name=Casey', '-c', 'user.email=casey@example.com'];
    await git(clone, ...author, 'commit', '--quiet', '--allow-empty', '-m', 'Second');
    await git(clone, 'push', '--quiet', 'origin', 'main');
    const { stdout: sha } = await git(clone, 'rev-parse', 'HEAD');
    const served = async () => (await fetch(`${vercel?.origins(name)[0]}/version`)).json();
    await expect.poll(served).toMatchObject({ sha });
    const { vercel: known } = (await (await fetch(`${control.address}/truth`)).json()) as {
      vercel: unknown;
    };
    expect(known).toMatchObject([{ project: name, liveSha: sha, served: [{ running: sha }] }]);
    const effects = sandbox.board.effects.map((one) => `${one.service} ${one.operation}`);
    expect(effects).toEqual(['git push', 'vercel build', 'vercel live']);
    const fault = { service: 'vercel', match: 'GET /v9', kind: '500-before' };
    const armed = { method: 'POST', body: JSON.stringify(fault) };
    expect((await fetch(`${control.address}/faults`, armed)).status).toBe(200);
    const options = { token: tokens.vercel ?? '', variable: 'VERCEL_TOKEN', team: 'team_acme' };
    const client = createVercel({ api: vercel?.address ?? '', ...options });
    await expect(client.project(name)).rejects.toThrow(/HTTP 500/);
    expect((await client.project(name)).name).toBe(name);
  } finally {
    await sandbox.close();
  }
});
