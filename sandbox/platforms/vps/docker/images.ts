import { execFileSync } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import type { Answer } from '../journalctl.ts';

export type Image = { id: string; directory: string; command: string[] };

export const ok = (stdout = '', stderr = ''): Answer => ({ code: 0, stdout, stderr });
export const no = (code: number, stderr: string): Answer => ({
  code,
  stdout: '',
  stderr: `${stderr}\n`,
});

/**
 * Creates the images of one host. An image is a copy of its build context. In this copy, the RUN
 * lines of the Dockerfile were run.
 */
export function createImages(store: string, inUse: (id: string) => string | undefined) {
  const byId = new Map<string, Image>();
  const tags = new Map<string, string>();
  const find = (name: string) => byId.get(tags.get(name) ?? name);
  return {
    tags,
    find,
    tag(from: string, to: string): Answer {
      const image = find(from);
      if (!image) return no(1, `Error response from daemon: No such image: ${from}`);
      tags.set(to, image.id);
      return ok();
    },
    remove(name: string): Answer {
      const image = find(name);
      if (!image) return no(1, `Error response from daemon: No such image: ${name}`);
      const last = [...tags.values()].filter((id) => id === image.id).length <= 1;
      const user = last ? inUse(image.id) : undefined;
      if (user)
        return no(
          1,
          `Error response from daemon: conflict: unable to remove repository reference "${name}" ` +
            `(must force) - container ${user.slice(0, 12)} is using its referenced image`,
        );
      tags.delete(name);
      if (!last) return ok(`Untagged: ${name}\n`);
      byId.delete(image.id);
      rmSync(image.directory, { recursive: true, force: true });
      return ok(`Untagged: ${name}\nDeleted: ${image.id}\n`);
    },
    build(context: string, name: string, env: Record<string, string>): Answer {
      const built = make(store, context, env);
      if ('failed' in built) return built.failed;
      const known = byId.get(built.image.id);
      if (known) rmSync(built.image.directory, { recursive: true, force: true });
      else byId.set(built.image.id, settle(built.image));
      tags.set(name, built.image.id);
      return ok('', `#1 naming to ${name} done\n`);
    },
  };
}

function make(store: string, context: string, env: Record<string, string>) {
  const directory = join(store, randomUUID());
  mkdirSync(store, { recursive: true });
  const filter = (path: string) => relative(context, path).split('/')[0] !== '.git';
  cpSync(context, directory, { recursive: true, filter });
  const recipe = join(directory, 'Dockerfile');
  if (!existsSync(recipe)) return { failed: no(1, 'failed to read dockerfile: open Dockerfile') };
  const lines = readFileSync(recipe, 'utf8').split('\n');
  for (const line of lines.filter((it) => it.startsWith('RUN '))) {
    try {
      execFileSync('/bin/sh', ['-c', line.slice(4)], { cwd: directory, env, stdio: 'pipe' });
    } catch (cause) {
      const { stderr, status } = cause as { stderr: Buffer; status: number };
      const what = `ERROR: failed to solve: process "/bin/sh -c ${line.slice(4)}"`;
      const words = `${stderr}${what} did not complete successfully: exit code: ${status}`;
      rmSync(directory, { recursive: true, force: true });
      return { failed: no(1, words) };
    }
  }
  const command = lines.find((line) => line.startsWith('CMD '))?.slice(4) ?? '[]';
  const id = `sha256:${digest(directory)}`;
  return { image: { id, directory, command: JSON.parse(command) as string[] } };
}

function settle(image: Image): Image {
  const directory = join(image.directory, '..', image.id.slice('sha256:'.length, 19));
  renameSync(image.directory, directory);
  return { ...image, directory };
}

function digest(directory: string): string {
  const hash = createHash('sha256');
  const names = readdirSync(directory, { recursive: true, withFileTypes: true });
  const files = names.filter((it) => it.isFile()).map((it) => join(it.parentPath, it.name));
  for (const file of files.toSorted())
    hash.update(relative(directory, file)).update('\0').update(readFileSync(file));
  return hash.digest('hex');
}
