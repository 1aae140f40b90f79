import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { plimsoll } from '../../domain/deploy/wire.ts';
import { UserError } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import { answers } from '../init/answers.ts';
import type { Given } from '../init/answers.ts';
import { detect, identityBeside } from '../init/detect.ts';
import { firstYaml } from '../init/first-yaml.ts';
import { scanHostKey } from '../init/host-key.ts';
import type { Io } from '../io.ts';
import { configured } from '../options.ts';
import { pathLine } from '../path-line.ts';
import type { Listing, Verb } from '../run.ts';

export const listing: Listing = {
  group: 'Set up',
  order: 1,
  summary: 'write a first plimsoll.yaml; asks for missing values, and never overwrites a file',
};

export const verb: Verb = (command, execute) =>
  configured(command)
    .argument('[directory]', 'a clone of the repository to deploy', '.')
    .option('--project <name>', 'name of the project (default: name of the repository)')
    .option(
      '--repository <url>',
      'URL of the repository (default: the remote "origin" of the directory)',
    )
    .option('--host <address>', 'address of the host: user@host or user@host:port')
    .option(
      '--host-key <fingerprint>',
      'SHA256:… of the host key (default: the key that the host shows now)',
    )
    .option('--directory <path>', 'directory on the host (default: /srv/PROJECT)')
    .option('--service <unit>', 'systemd unit on the host (default: name of the project)')
    .option(
      '--health <url>',
      'health check on the host itself, such as http://127.0.0.1:3000/healthz',
    )
    .option('--url <url>', 'public address of the service')
    .option(
      '--github-api <url>',
      'address of the GitHub API, if the repository is not at github.com',
    )
    .option(
      '--sandbox <factor>',
      'try Plimsoll with loopback addresses only; time passes FACTOR times faster',
    )
    .action((directory, options) => execute((io) => init(io, options, directory)));

export type InitOptions = Given & {
  config: string;
  hostKey?: string;
  githubApi?: string;
  sandbox?: string;
};

/**
 * Writes a first configuration. `directory` is a clone of the repository to deploy. Parses the text
 * first, so that only a valid file is written. Throws a UserError if the file exists already, or if
 * an answer is missing.
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
    branch: found.branch,
    name: found.name,
    key: key.line,
    email: found.email,
    identity: await identityBeside(key.path),
    github: githubApi ?? (/github\.com[:/]/.test(said.repository) ? null : undefined),
    sandbox: sandbox === undefined ? undefined : Number(sandbox),
  });
  const { parseConfig } = await import('../../worker/config/config.ts');
  parseConfig(text, path);
  await write(path, text);
  io.data({ path, hostKey, approver: found.name, key: key.path }, `Wrote ${path}.`);
  const pinned = { host: said.host, hostKey, key: key.path, name: found.name };
  io.say(next(path, said.project, { ...pinned, first: pathLine(io.env) }));
  return exitCodes.ok;
}

/** Writes the file. Throws a UserError if another program created the file first. */
const write = (path: string, text: string) =>
  writeFile(path, text, { flag: 'wx' }).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'EEXIST') throw thereAlready(path);
    throw new UserError(
      `${path} cannot be written (${cause.code}).\nName another file: ${plimsoll} init --config PATH`,
    );
  });

const thereAlready = (path: string) =>
  new UserError(
    `${path} exists already, and init never overwrites a file. Nothing was written.\n` +
      `See what the file still needs: ${plimsoll} doctor --config ${path}\n` +
      `Or write another file: ${plimsoll} init --config other.yaml`,
    exitCodes.usage,
  );

const noKey = () =>
  new UserError(
    'There is no usable public key in ~/.ssh. Requests and approvals need a key. Nothing was written.\n' +
      `Make a key and try again: ssh-keygen -t ed25519 && ${plimsoll} init`,
    exitCodes.usage,
  );

type Said = { host: string; hostKey: string; key: string; name: string; first: string[] };

function next(path: string, project: string, { host, hostKey, key, name, first }: Said): string {
  const where = path === 'plimsoll.yaml' ? '' : ` --config ${path}`;
  return `${name} approves with ${key}. The host key of ${host} is pinned:
${hostKey}
Compare it with the output of this command on the host's own console: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub

Next:
  ${plimsoll} up${where}
and, in another terminal:
  ${[...first, `${plimsoll} doctor${where}`].join('\n  ')}
  ${plimsoll} plan ${project} production --as ${name}`;
}
