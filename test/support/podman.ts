import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { programIn } from '../../activities/builds/choose.ts';

const run = promisify(execFile);
const programs = ['sh', 'cat', 'ls', 'id', 'touch', 'date', 'sleep', 'setsid', 'grep'];

export type Podman = {
  /** The image with node and a few programs of this machine. */
  image: string;
  /** The variables with which podman finds this image. */
  env: Record<string, string>;
  remove(): Promise<void>;
};

/** False: podman is not here, or this user is not root. Then the tests with podman are skipped. */
export const hasPodman = programIn(process.env, 'podman') !== null && process.getuid?.() === 0;

/** Makes an image from files of this machine, in a storage of its own. It needs no network. */
export async function preparePodman(): Promise<Podman> {
  const base = await realpath(await mkdtemp(join(tmpdir(), 'plimsoll-podman-')));
  const env = {
    CONTAINERS_CONF: join(base, 'containers.conf'),
    CONTAINERS_STORAGE_CONF: join(base, 'storage.conf'),
  };
  // crun refuses the cgroups of some machines that runc takes.
  const runc = programIn(process.env, 'runc') === null ? '' : '[engine]\nruntime = "runc"\n';
  await writeFile(env.CONTAINERS_CONF, runc);
  await writeFile(
    env.CONTAINERS_STORAGE_CONF,
    `[storage]\ndriver = "overlay"\ngraphroot = "${base}/graph"\nrunroot = "${base}/run"\n`,
  );
  const root = join(base, 'root');
  for (const name of ['bin', 'usr/bin', 'tmp', 'proc', 'dev', 'sys', 'etc', 'run', 'home'])
    await mkdir(join(root, name), { recursive: true });
  await put(root, await realpath(process.execPath), '/usr/bin/node');
  for (const name of programs) await put(root, programIn(process.env, name) ?? name);
  await symlink('../usr/bin/sh', join(root, 'bin/sh'));
  const archive = join(base, 'root.tar');
  await run('tar', ['-C', root, '-cf', archive, '.']);
  const image = 'localhost/plimsoll-test:1';
  await run('podman', ['import', '--quiet', archive, image], { env: { ...process.env, ...env } });
  await rm(root, { recursive: true });
  const remove = async () => {
    await run('podman', ['rmi', '--force', image], { env: { ...process.env, ...env } });
    await rm(base, { recursive: true, force: true });
  };
  return { image, env, remove };
}

/** Copies a program to /usr/bin of the image, and its libraries to where it searches for them. */
async function put(root: string, from: string, to = `/usr/bin/${from.split('/').at(-1)}`) {
  const { stdout } = await run('ldd', [from]);
  const libraries = [...stdout.matchAll(/(\/\S+) \(0x/g)].map(([, path = '']) => path);
  for (const [path, target] of [[from, to], ...libraries.map((path) => [path, path])] as const) {
    await mkdir(dirname(root + target), { recursive: true });
    await copyFile(path, root + target);
  }
}
