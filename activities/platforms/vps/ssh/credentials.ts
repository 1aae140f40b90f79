import { readFile } from 'node:fs/promises';
import type { Config } from 'node-ssh';
import ssh2 from 'ssh2';
import type { ParsedKey } from 'ssh2';
import { failures } from '../../../../domain/deploy/failures.ts';
import type { VpsHost } from '../../../../domain/platforms/vps/target.ts';
import { final } from '../../../lib/fail.ts';
import type { Route } from './client-config.ts';

type Asked = { host: VpsHost; identity: string | null; route: Route };

/**
 * Returns the keys for a connection. If plimsoll.yaml sets an identity, this is the identity. If
 * not, these are the keys that ssh itself would use. Returns null if there is no usable key. Throws
 * a final failure of type 'misconfigured' if the identity cannot be read.
 */
export async function credentials({
  host,
  identity,
  route,
}: Asked): Promise<Partial<Config> | null> {
  if (identity !== null) return { privateKey: await readIdentity(identity) };
  const { agent, keyFiles, onlyKeyFiles } = route;
  const keys = (await Promise.all(keyFiles.map(usableKey))).filter((key) => key !== null);
  const held = agent && (await agentWay(host, agent, onlyKeyFiles ? keyFiles : null));
  const ways = [
    ...(held ? [held] : []),
    ...keys.map((key) => ({ type: 'publickey' as const, username: host.user, key })),
  ];
  if (ways.length === 0) return null;
  return { authHandler: ways } as Partial<Config>;
}

export const noKey = () =>
  final(
    failures.misconfigured,
    'There is no ssh key. plimsoll.yaml sets no identity for the environment, the worker has ' +
      'no ssh agent (SSH_AUTH_SOCK), and none of the IdentityFiles of ssh is a key without a ' +
      'passphrase. Set identity: /path/to/key in plimsoll.yaml, or start the ' +
      'worker in a shell where ssh-add -l lists the key.',
  );

/** Returns the text of a private key without a passphrase, or null. */
async function usableKey(path: string): Promise<string | null> {
  const text = await readFile(path, 'utf8').catch(() => '');
  return text.includes('PRIVATE KEY') && parsed(text) !== null ? text : null;
}

/**
 * Returns the login method that uses the agent's keys, or null if the agent does not answer. If
 * `files` is null, the method tries every key of the agent.
 */
async function agentWay({ user }: VpsHost, socket: string, files: string[] | null) {
  const agent = ssh2.createAgent(socket);
  const answers = await new Promise<boolean>((resolve) =>
    agent.getIdentities((cause) => resolve(!cause)),
  );
  if (!answers) return null;
  if (files === null) return { type: 'agent' as const, username: user, agent };
  const halves = await Promise.all(files.map(publicHalf));
  const wanted = halves.map(parsed).filter((key) => key !== null);
  return { type: 'agent' as const, username: user, agent: new SomeKeys(agent, wanted) };
}

const publicHalf = (path: string) =>
  readFile(path.endsWith('.pub') ? path : `${path}.pub`, 'utf8').catch(() => '');

/** Wraps an agent, so that ssh sees only the wanted keys. */
class SomeKeys extends ssh2.BaseAgent<ParsedKey> {
  readonly #agent: ssh2.BaseAgent;
  readonly #wanted: Set<string>;
  constructor(agent: ssh2.BaseAgent, wanted: ParsedKey[]) {
    super();
    this.#agent = agent;
    this.#wanted = new Set(wanted.map((key) => key.getPublicSSH().toString('base64')));
  }
  override getIdentities(callback: Parameters<ssh2.BaseAgent<ParsedKey>['getIdentities']>[0]) {
    this.#agent.getIdentities((cause, keys) => {
      if (cause) return callback(cause);
      const all = (keys ?? []).map(parsed).filter((key) => key !== null);
      callback(
        undefined,
        all.filter((key) => this.#wanted.has(key.getPublicSSH().toString('base64'))),
      );
    });
  }
  override sign(...args: unknown[]) {
    (this.#agent.sign as (...all: unknown[]) => void)(...args);
  }
}

function parsed(key: unknown): ParsedKey | null {
  const result = ssh2.utils.parseKey(key as string);
  return result instanceof Error ? null : ([result].flat()[0] ?? null);
}

async function readIdentity(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw final(
      failures.misconfigured,
      `The ssh identity ${path} cannot be read (${cause.code}). ` +
        `Correct identity in plimsoll.yaml, or the permissions of the file: ls -l ${path}`,
    );
  });
  if (text.includes('PRIVATE KEY')) return text;
  throw final(
    failures.misconfigured,
    `The ssh identity ${path} is not a private key (is it the .pub file?). ` +
      `Check the file: ssh-keygen -y -f ${path}`,
  );
}
