import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { init } from '../../../client/commands/init.ts';
import type { InitOptions } from '../../../client/commands/init.ts';
import { pathLine } from '../../../client/path-line.ts';
import { Board } from '../../../sandbox/board.ts';
import { startVpsHost } from '../../../sandbox/platforms/vps/start-vps-host.ts';
import type { VpsHostHandle } from '../../../sandbox/platforms/vps/start-vps-host.ts';
import { loadConfig } from '../../../worker/config/config.ts';
import { recordedIo } from '../../support/io.ts';

const root = mkdtempSync(join(tmpdir(), 'plimsoll-init-'));
const clone = join(root, 'clone');
const home = join(root, 'home');
const key = join(home, '.ssh', 'id_ed25519');
let host: VpsHostHandle;
let config: string;
let count = 0;

beforeAll(async () => {
  const git = (...args: string[]) => execFileSync('git', args, { stdio: 'ignore' });
  git('init', '-b', 'main', clone);
  git('-C', clone, 'remote', 'add', 'origin', 'https://github.com/ana/shop.git');
  git('-C', clone, 'config', 'user.email', 'ana@example.com');
  mkdirSync(join(home, '.ssh'), { recursive: true });
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
  const directory = join(root, 'host');
  mkdirSync(directory);
  const service = { unit: 'shop' };
  host = await startVpsHost({ directory, name: 'shop', board: new Board(), service });
});
afterAll(async () => {
  await host.stop();
  rmSync(root, { recursive: true, force: true });
});
beforeEach(() => {
  count += 1;
  config = join(root, `plimsoll-${count}.yaml`);
});

const run = async (options: Partial<InitOptions>, answers: string[] = [], at = home) => {
  const io = recordedIo({ answers, env: { HOME: at, PLIMSOLL_AS: 'ana' } });
  const code = await init(io, { config, ...options }, clone);
  return { ...io, code };
};
const told = (options: Partial<InitOptions>, answers: string[] = [], at = home) =>
  run(options, answers, at).then(
    () => 'it was written',
    (error: Error & { exitCode: number }) => `${error.exitCode}: ${error.message}`,
  );
/** Returns the lines of a file without comments and empty lines. */
const linesOf = (path: string) =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.trim().startsWith('#'));
const url = 'https://shop.example.com';
const health = 'http://127.0.0.1:3000/healthz';
const places = () => ({ host: host.address, url, health });

describe('a first configuration', () => {
  it('has at most twelve lines, loads, and pins what the host shows', async () => {
    const { code, stdout, stderr } = await run(places());
    expect(code).toBe(0);
    expect(stdout).toEqual([`Wrote ${config}.`]);
    expect(stderr.join('\n'))
      .toBe(`ana approves with ${key}.pub. The host key of ${host.address} is pinned:
${host.hostKeyFingerprint}
Compare it with the output of this command on the host's own console: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub

Next:
  plimsoll up --config ${config}
and, in another terminal:
  ${pathLine({}).join()}
  plimsoll doctor --config ${config}
  plimsoll plan shop production --as ana`);
    expect(linesOf(config).length).toBeLessThanOrEqual(12);
    const { projects, approvers } = await loadConfig(config);
    expect(approvers['ana']?.emails).toEqual(['ana@example.com']);
    expect(projects['shop']).toMatchObject({
      repository: 'https://github.com/ana/shop.git',
      github: 'ana/shop',
      environments: {
        production: {
          directory: '/srv/shop',
          service: 'shop',
          health,
          identity: key,
          hosts: [{ address: host.address, hostKey: host.hostKeyFingerprint, url }],
        },
      },
    });
  });

  it.each([
    ['the default branch of the remote', 'origin/HEAD', 'trunk'],
    ['master, which the remote has', undefined, 'master'],
  ])('names the branch: %s', async (_, head, branch) => {
    const git = (...args: string[]) =>
      execFileSync('git', ['-C', clone, ...args], { stdio: 'ignore' });
    const remote = `refs/remotes/origin/${branch}`;
    git('-c', 'user.name=ana', 'commit', '--allow-empty', '-m', 'first');
    git('update-ref', remote, 'HEAD');
    if (head) git('symbolic-ref', `refs/remotes/${head}`, remote);
    try {
      await run(places());
      expect((await loadConfig(config)).projects['shop']?.branch).toBe(branch);
    } finally {
      if (head) git('symbolic-ref', '--delete', `refs/remotes/${head}`);
      git('update-ref', '-d', remote);
    }
  });

  it('for trying out it scales time, and still has at most twelve lines', async () => {
    const address = 'http://127.0.0.1:3000';
    const repository = 'http://127.0.0.1:4000/ana/shop.git';
    const local = { host: host.address, url: address, health: `${address}/healthz`, repository };
    await run({ ...local, githubApi: 'http://127.0.0.1:4001', sandbox: '60' });
    const { sandbox, timeScale, github, projects } = await loadConfig(config);
    expect({ sandbox, timeScale }).toEqual({ sandbox: true, timeScale: 60 });
    expect(github).toEqual({ api: 'http://127.0.0.1:4001', token: 'env:GITHUB_TOKEN' });
    expect(projects['shop']).toMatchObject({ repository, github: 'ana/shop' });
    expect(linesOf(config)).toHaveLength(12);
  });

  it('asks for what it cannot detect, and offers what it can', async () => {
    const { stderr } = await run({ host: host.address }, ['', 'store', '', 'web', health, url]);
    expect(stderr.slice(0, 6)).toEqual([
      'Repository [https://github.com/ana/shop.git]: ',
      'Name of the project [shop]: ',
      'Directory on the host [/srv/store]: ',
      'Name of the systemd unit [store]: ',
      'Health check URL on the host itself (http://127.0.0.1:3000/healthz): ',
      'Public address of the service (https://shop.example.com): ',
    ]);
    const { projects } = await loadConfig(config);
    expect(projects['store']?.environments['production']).toMatchObject({
      directory: '/srv/store',
      service: 'web',
    });
  });
});

describe('writes nothing', () => {
  it('over a file that is there', async () => {
    writeFileSync(config, 'mine');
    expect(await told(places())).toBe(
      `2: ${config} exists already, and init never overwrites a file. Nothing was written.
See what the file still needs: plimsoll doctor --config ${config}
Or write another file: plimsoll init --config other.yaml`,
    );
    expect(readFileSync(config, 'utf8')).toBe('mine');
  });

  it('without the values that it needs', async () => {
    expect(await told({ host: host.address }))
      .toBe(`2: init has no value for --health, --url. Nothing was written.
Give each value as an option, for example: --host deploy@shop.example.com --url https://shop.example.com --health http://127.0.0.1:3000/healthz`);
  });

  it('for a host that shows no key, or that is none', async () => {
    expect(await told({ ...places(), host: 'deploy@127.0.0.1:1' }))
      .toBe(`1: deploy@127.0.0.1:1 showed no host key, so no key can be pinned. Nothing was written.
See why: ssh-keyscan -p 1 -t ed25519,ecdsa,rsa 127.0.0.1
Or read the key on the host (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub), and add: --host-key SHA256:…`);
    expect(await told({ ...places(), host: 'shop.example.com' }))
      .toBe(`2: "shop.example.com" is not the address of a host. Nothing was written.
Give the address as user@host or user@host:port: --host deploy@shop.example.com`);
  });

  it('for a person without a key', async () => {
    expect(await told(places(), [], root))
      .toBe(`2: There is no usable public key in ~/.ssh. Requests and approvals need a key. Nothing was written.
Make a key and try again: ssh-keygen -t ed25519 && plimsoll init`);
  });

  it('for trying out with an address of another machine, or with an invalid factor', async () => {
    const away = await told({ ...places(), sandbox: '60' });
    expect(away).toMatch(/^2: .* cannot be used: \d problems\. Nothing was started\./);
    expect(away).toContain('sandbox: true is allowed only if every address is loopback');
    expect(await told({ ...places(), sandbox: 'fast' })).toContain('timeScale');
    expect(existsSync(config)).toBe(false);
  });

  it('that would not load', async () => {
    expect(await told({ ...places(), health: 'healthz' })).toContain(
      'environments.production.health',
    );
    expect(existsSync(config)).toBe(false);
  });
});
