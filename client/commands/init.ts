import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { plimsoll } from '../../domain/messages.ts';
import { parseConfig } from '../../worker/config.ts';
import { UserError } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import { answers } from '../init/answers.ts';
import type { Given } from '../init/answers.ts';
import { detect, identityBeside } from '../init/detect.ts';
import { firstYaml } from '../init/first-yaml.ts';
import { scanHostKey } from '../init/host-key.ts';
import type { Io } from '../io.ts';

export type InitOptions = Given & {
  config: string;
  hostKey?: string;
  githubApi?: string;
  sandbox?: string;
};

/**
 * Writes a first configuration that loads, or nothing. `directory` is a clone of what will be deployed.
 * UserError: a file is there, or something lacks.
 */
export async function init(io: Io, options: InitOptions, directory = '.'): Promise<number> {
  const { config: path, hostKey: given, githubApi, sandbox, ...flags } = options;
  if (existsSync(path)) throw thereAlready(path);
  const found = await detect(io, directory);
  const [key] = found.keys;
  if (!key) throw noKey();
  const said = await answers(io, flags, found);
  const hostKey = given ?? (await scanHostKey(said.host));
  const text = firstYaml({
    ...said,
    hostKey,
    name: found.name,
    key: key.line,
    email: found.email,
    identity: await identityBeside(key.path),
    github: githubApi ?? (/github\.com[:/]/.test(said.repository) ? null : undefined),
    sandbox: sandbox === undefined ? undefined : Number(sandbox),
  });
  parseConfig(text, path);
  await write(path, text);
  io.data({ path, hostKey, approver: found.name, key: key.path }, `Wrote ${path}.`);
  io.say(next(path, said.project, { host: said.host, hostKey, key: key.path, name: found.name }));
  return exitCodes.ok;
}

/** A file that came meanwhile stays as well. */
const write = (path: string, text: string) =>
  writeFile(path, text, { flag: 'wx' }).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'EEXIST') throw thereAlready(path);
    throw new UserError(
      `${path} cannot be written (${cause.code}).\nName another place: ${plimsoll} init --config PATH`,
    );
  });

const thereAlready = (path: string) =>
  new UserError(
    `${path} is there already, and init never overwrites. Nothing was written.\n` +
      `Look at what it needs: ${plimsoll} doctor --config ${path}\n` +
      `Or write another one: ${plimsoll} init --config other.yaml`,
    exitCodes.usage,
  );

const noKey = () =>
  new UserError(
    'There is no public key in ~/.ssh that could sign requests and approvals. Nothing was written.\n' +
      `Make one and try again: ssh-keygen -t ed25519 && ${plimsoll} init`,
    exitCodes.usage,
  );

type Said = { host: string; hostKey: string; key: string; name: string };

function next(path: string, project: string, { host, hostKey, key, name }: Said): string {
  const where = path === 'plimsoll.yaml' ? '' : ` --config ${path}`;
  return `${name} approves with ${key}; ${host} is pinned to
${hostKey}
which must be what its own console says: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub

Next:
  ${plimsoll} up${where}
and, in another terminal:
  ${plimsoll} doctor${where}
  ${plimsoll} plan ${project} production --as ${name}`;
}
