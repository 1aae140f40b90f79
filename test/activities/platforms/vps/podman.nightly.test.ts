import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { programIn } from '../../../../activities/builds/choose.ts';
import { readLog } from '../../../../activities/platforms/vps/log/host-log.ts';
import type { HostSession } from '../../../../activities/platforms/vps/ssh/on-host.ts';
import type { RemoteResult } from '../../../../activities/platforms/vps/ssh/remote.ts';
import { samples } from '../../../../sandbox/samples/samples.ts';
import type { FileTree } from '../../../../sandbox/samples/samples.ts';
import { hasPodman, preparePodman } from '../../../support/podman.ts';
import type { Podman } from '../../../support/podman.ts';
import { planFor } from '../../plan/plan-fixture.ts';
import { composeTarget } from './drivers/contract.ts';
import { deployRelease, failureOf, run, startVpsFixture } from './fixture.ts';
import type { VpsFixture } from './fixture.ts';

const call = promisify(execFile);
const client = programIn(process.env, 'docker');

/**
 * The commands `docker compose config`, `build` and `up`, as a stand-in. Docker's own plugin is not
 * here. The images and containers are real. `config` prints the form that compose-go 2.9.0 writes.
 */
const compose = `tag=$IMAGE_TAG project='' verb=''
for word; do
  case $word in -p) next=project;; -f) next=skip;; config|build|up) verb=\${verb:-$word};; *)
    [ "$next" != project ] || project=$word
    next='';;
  esac
  last=$word
done
case $verb in
  config) echo '{"name":"shop","services":{"db":{"image":"postgres:16"},"web":{"build":{"context":"/srv"},"depends_on":{"db":{"condition":"service_started","required":true}},"image":"acme/shop:'"$tag"'"}}}';;
  build) engine build -q -t "acme/shop:$tag" .;;
  up)
    case " $* " in *' --no-build '*) ;; *) engine build -q -t "acme/shop:$tag" . || exit 17;; esac
    labels='--label com.docker.compose.oneoff=False --label com.docker.compose.service='$last
    engine rm -f $project-$last-1 >/dev/null 2>&1 || :
    engine run -d --name $project-$last-1 $labels --label com.docker.compose.project=$project \\
      $RUN_OPTIONS -e RELEASE_SHA=$tag "acme/shop:$tag" >/dev/null;;
esac
`;

/** Each program that answers to the name "docker" on the host. */
const programs = [
  { name: 'podman', needs: 'podman', socket: false },
  { name: "docker's own client at podman's socket", needs: 'docker', socket: true },
].filter(({ socket }) => !socket || client !== null);

describe.runIf(hasPodman).each(programs)('containers of the real podman, by $name', (program) => {
  let podman: Podman;
  let vpsFixture: VpsFixture;
  let service: ChildProcess | undefined;
  let logged = '';
  let port = '';
  const options = () => [
    ...['--network', 'host', '--ulimit', 'nofile=4096:4096', '--ulimit', 'nproc=4096:4096'],
    ...['--env', `PORT=${port}`],
  ];

  const docker = async (...args: string[]) => {
    const { stdout } = await call(join(handle().bin, 'docker'), args);
    return stdout.trim();
  };
  const handle = () => vpsFixture.handles[0]!;
  const directory = () => handle().directory;
  const served = async () => {
    const answer = await fetch(`${handle().url}/version`, { headers: { connection: 'close' } });
    return ((await answer.json()) as { name: string }).name;
  };
  const inspect = async (target = vpsFixture.target) => {
    const [state] = await run(vpsFixture.vps.inspectHosts, { target });
    return state;
  };

  beforeAll(async () => {
    podman = await preparePodman();
    const dockerfile = `FROM ${podman.image}\nWORKDIR /app\nCOPY . .\nCMD ["node", "server.mjs"]\n`;
    const all = [samples.good(1), samples.good(2), samples.crashesAtStart()];
    const trees = all.map((files): FileTree => ({
      ...{ ...files, Dockerfile: dockerfile },
      'compose.yaml': 'services:\n  web:\n    build: .\n    image: acme/shop:${IMAGE_TAG}\n',
    }));
    vpsFixture = await startVpsFixture({ trees, target: { run: 'docker' } });
    port = new URL(handle().url).port;
    const socket = join(vpsFixture.root, 'podman.sock');
    const engine = program.socket ? `${client} -H unix://${socket}` : 'podman';
    const variables = Object.entries(podman.env).map(
      ([name, value]) => `export ${name}=${value}\n`,
    );
    logged = join(vpsFixture.root, 'docker-calls');
    writeFileSync(
      join(handle().bin, 'docker'),
      `#!/bin/sh\n${variables.join('')}echo "$*" >>${logged}\n` +
        `engine() { ${engine} "$@"; }\nRUN_OPTIONS='${options().join(' ')}'\n` +
        `if [ "$1" != compose ]; then engine "$@"; exit; fi\nshift\n${compose}`,
    );
    chmodSync(join(handle().bin, 'docker'), 0o755);
    if (program.socket) {
      const env = { ...process.env, ...podman.env };
      const args = ['system', 'service', '--time', '0', `unix://${socket}`];
      service = spawn('podman', args, { env, stdio: 'ignore' });
      await vi.waitFor(() => expect(existsSync(socket)).toBe(true), { timeout: 10_000 });
    }
    const start = ['/bin/sh', '-c', 'cd /srv/app/current && exec node server.mjs'];
    const mount = ['--volume', `${directory()}:/srv/app`];
    await docker('create', '--name', 'shop', ...options(), ...mount, podman.image, ...start);
    const beside = [...options(), podman.image, 'sleep', '600'];
    await docker('run', '-d', '--stop-signal', 'KILL', '--name', 'shop-2', ...beside);
  }, 60_000);
  afterAll(async () => {
    const all = (await docker('ps', '-aq')).split('\n').filter(Boolean);
    if (all.length > 0) await docker('rm', '-f', ...all);
    service?.kill();
    if (service && service.exitCode === null) await once(service, 'exit');
    await vpsFixture.stop();
    await podman.remove();
  }, 60_000);

  test('a container that never started has no identity, and an absent one is named', async () => {
    expect(await inspect()).toMatchObject({ sha: null, active: false });
    const { step, vps, shas } = vpsFixture;
    const absent = step(shas[0]!, 0, { service: 'sho' });
    const { message } = await failureOf(run(vps.stageRelease, absent));
    expect(message).toMatch(/^shop-1 has no container sho\./);
  });

  test('a switch shows the old release as running, until the restart', async () => {
    const { vps, step, shas } = vpsFixture;
    const [first = '', second = ''] = shas;
    await deployRelease(vpsFixture, first);
    await run(vps.stageRelease, step(second));
    const { before } = await run(vps.switchRelease, step(second));
    expect(await inspect()).toMatchObject({ sha: second, runningSha: first, active: true });
    expect(await served()).toBe('good 1');
    const restart = { ...step(second), before };
    expect(await run(vps.restartService, restart)).toMatchObject({ restarted: 'done' });
    expect(await run(vps.restartService, restart)).toMatchObject({ restarted: 'already' });
    const state = await run(vps.verifyHost, { ...step(second), startUpMs: 10_000 });
    expect(state).toMatchObject({ sha: second, runningSha: second, healthy: true });
    expect(await served()).toBe('good 2');
  });

  test('a start that fails is reported with its log, and is rolled back', async () => {
    const [, second = '', crash = ''] = vpsFixture.shas;
    const failure = await failureOf(deployRelease(vpsFixture, crash, { startUpMs: 5000 }));
    expect(failure).toMatchObject({ type: 'UnhealthyRelease', final: true });
    expect(failure.message).toContain('error: DATABASE_URL is not set');
    expect(await inspect()).toMatchObject({ sha: crash, active: false });
    const back = { ...vpsFixture.step(second), startUpMs: 10_000 };
    expect(await run(vpsFixture.vps.rollBackHost, back)).toMatchObject({ runningSha: second });
    expect(await served()).toBe('good 2');
  });

  test('the log of the container is counted', async () => {
    const session: HostSession = {
      close: () => undefined,
      run: ({ script, args }) =>
        new Promise<RemoteResult>((resolve) => {
          const env = { ...process.env, PATH: `${handle().bin}:${process.env.PATH}` };
          execFile('sh', ['-c', script, 'sh', ...args], { env }, (error, stdout, stderr) =>
            resolve({ code: Number(error?.code ?? 0), stdout, stderr } as RemoteResult),
          );
        }),
    };
    const counts = await readLog(session, {
      target: { ...planFor({}).target, service: 'shop', run: 'docker', sudo: false },
      ...{ from: { ago: 300 }, bucketSeconds: 600, pattern: null, timeoutMs: 10_000 },
    });
    expect(counts?.buckets[0]?.errors).toBeGreaterThan(0);
    expect(counts?.buckets[0]).not.toHaveProperty('unread');
  });

  test('a container that mounts `current` sees the new release after a restart', async () => {
    const [first = ''] = vpsFixture.shas;
    await docker('rm', '-f', 'shop');
    const mount = ['--volume', `${directory()}/current:/app`, '--workdir', '/app'];
    const start = [podman.image, 'node', 'server.mjs'];
    await docker('run', '-d', '--name', 'shop', ...options(), ...mount, ...start);
    await expect.poll(() => served().catch(() => '')).toBe('good 2');
    const { vps, step } = vpsFixture;
    const { before } = await run(vps.switchRelease, step(first));
    await run(vps.restartService, { ...step(first), before });
    await expect.poll(() => served().catch(() => '')).toBe('good 1');
  });

  test('a compose service has its own image, whatever runs beside it', async () => {
    await docker('rm', '-f', 'shop');
    rmSync(directory(), { recursive: true });
    mkdirSync(directory());
    const label = (project: string, name: string, oneoff = 'False') =>
      [`project=${project}`, `service=${name}`, `oneoff=${oneoff}`].flatMap((it) => [
        ...['--label', `com.docker.compose.${it}`],
      ]);
    const others = [label('shop', 'db'), label('other', 'web'), label('shop', 'web', 'True')];
    const idle = [...options(), '--stop-signal', 'KILL', podman.image, 'sleep', '600'];
    for (const labels of others) await docker('run', '-d', ...labels, ...idle);
    const target = { ...vpsFixture.target, ...composeTarget };
    const step = (sha: string) => vpsFixture.step(sha, 0, composeTarget);
    const released = (sha: string) => deployRelease({ vps: vpsFixture.vps, step }, sha);
    const [first = '', second = '', crash = ''] = vpsFixture.shas;
    await released(first);
    await released(second);
    expect(await inspect(target)).toMatchObject({ runningSha: second, healthy: true });
    const failure = await failureOf(released(crash));
    expect(failure.message).toContain('error: DATABASE_URL is not set');
    const back = { ...step(first), startUpMs: 10_000 };
    expect(await run(vpsFixture.vps.rollBackHost, back)).toMatchObject({ runningSha: first });
    expect(await served()).toBe('good 1');
  });
});
