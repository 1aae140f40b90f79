import { homedir, hostname, userInfo } from 'node:os';
import { failures } from '../../../../domain/deploy/failures.ts';
import type { VpsHost } from '../../../../domain/platforms/vps/target.ts';
import { final } from '../../../lib/fail.ts';
import { childEnvironment } from '../../../lib/child-environment.ts';
import { runProcess } from '../../../lib/process.ts';

/** The settings with which the ssh client of this machine connects to a host. */
export type Route = {
  host: string;
  port: number;
  family: 4 | 6 | null;
  localAddress: string | null;
  /** A command whose stdin and stdout are the connection. null means a direct connection. */
  proxy: Proxy | null;
  /** The path of the agent's socket. null means that there is no agent. */
  agent: string | null;
  /** The private keys that ssh tries in addition to the agent's keys. */
  keyFiles: string[];
  /** If true, an agent's key is used only if it is also in `keyFiles`. */
  onlyKeyFiles: boolean;
  /**
   * A directive that only ssh's own client can follow, such as "BindInterface eth1". null means
   * that there is no such directive.
   */
  ownClient: string | null;
};
/**
 * `shown` names the proxy for people. It never contains a ProxyCommand, which may contain a secret.
 */
export type Proxy = { argv: string[]; shown: string };

const resolveMs = 10_000;

/**
 * Asks ssh's own client how it would reach the host, with `ssh -G`. The client reads ~/.ssh/config
 * and /etc/ssh/ssh_config of the worker's machine. Without such a client, the address in
 * plimsoll.yaml is used without changes. Throws a final failure of type 'misconfigured' in two
 * cases: the configuration cannot be read, or ssh could not run a command on the host with this
 * configuration.
 */
export async function routeTo(host: VpsHost, identity: string | null): Promise<Route> {
  const port = host.port === 22 && !host.exactPort ? [] : ['-p', String(host.port)];
  const { code, output } = await runProcess(
    ['ssh', '-G', '-T', '-l', host.user, ...port, '--', host.host],
    { cwd: '/', env: childEnvironment(), timeoutMs: resolveMs },
  );
  if (code === 127) return direct(host);
  if (code !== 0) throw unreadable(host, output);
  const settings = read(output);
  const refused = found(refusals, settings, identity);
  if (refused !== null) throw notSupported(host, refused);
  return routeOf(host, settings, found(ofOwnClient, settings, identity));
}

const direct = (host: VpsHost): Route => ({
  host: host.host,
  port: host.port,
  family: null,
  localAddress: null,
  proxy: null,
  agent: process.env['SSH_AUTH_SOCK'] || null,
  keyFiles: [],
  onlyKeyFiles: false,
  ownClient: null,
});

type Settings = Map<string, string[]>;

function read(output: string): Settings {
  const settings: Settings = new Map();
  for (const line of output.split('\n')) {
    const [, name, value] = /^([a-z0-9]+) (.*)$/i.exec(line) ?? [];
    if (name === undefined || value === undefined) continue;
    const key = name.toLowerCase();
    settings.set(key, [...(settings.get(key) ?? []), value]);
  }
  return settings;
}

const one = (settings: Settings, name: string) => {
  const value = settings.get(name)?.[0];
  return value === undefined || value === 'none' ? null : value;
};

const isSet = (value: string) => value !== 'none' && value !== 'default';

/** If `only` is set, the directive does not matter when plimsoll.yaml sets an identity. */
type Directive = { key: string; name: string; when(value: string): boolean; only?: 'own keys' };

/** The directives with which ssh itself could not run a command on the host. */
const refusals: Directive[] = [
  { key: 'remotecommand', name: 'RemoteCommand', when: isSet },
  { key: 'sessiontype', name: 'SessionType', when: (value) => value !== 'default' },
];

/** Directives that change how ssh connects, and that the ssh library does not support. */
const ofOwnClient: Directive[] = [
  { key: 'bindinterface', name: 'BindInterface', when: isSet },
  { key: 'proxyusefdpass', name: 'ProxyUseFdpass', when: (value) => value === 'yes' },
  {
    key: 'pubkeyauthentication',
    name: 'PubkeyAuthentication',
    when: (value) => value === 'no' || value === 'false',
  },
  { key: 'pkcs11provider', name: 'PKCS11Provider', when: isSet, only: 'own keys' },
  { key: 'certificatefile', name: 'CertificateFile', when: isSet, only: 'own keys' },
];

function found(among: Directive[], settings: Settings, identity: string | null): string | null {
  const first = among.find(({ key, when, only }) => {
    const value = settings.get(key)?.[0] ?? 'default';
    return when(value) && (only === undefined || identity === null);
  });
  return first === undefined ? null : `${first.name} ${settings.get(first.key)?.[0]}`;
}

function routeOf(host: VpsHost, settings: Settings, directive: string | null): Route {
  const name = one(settings, 'hostname') ?? host.host;
  const port = Number(one(settings, 'port') ?? host.port);
  const reached = { ...host, host: name, port };
  const { expand, unknown } = expander(host, reached);
  const families: Record<string, 4 | 6> = { inet: 4, inet6: 6 };
  const route = {
    host: name,
    port,
    family: families[one(settings, 'addressfamily') ?? ''] ?? null,
    localAddress: one(settings, 'bindaddress'),
    proxy: proxyOf(settings, reached, expand),
    agent: agentOf(settings, expand),
    keyFiles: (settings.get('identityfile') ?? [])
      .filter((path) => path !== 'none')
      .map((path) => inHome(expand(path, 'IdentityFile'))),
    onlyKeyFiles: ['yes', 'true'].includes(one(settings, 'identitiesonly') ?? ''),
  };
  return { ...route, ownClient: directive ?? unknown[0] ?? null };
}

function agentOf(settings: Settings, expand: Expand): string | null {
  const socket = process.env['SSH_AUTH_SOCK'] || null;
  const [path] = settings.get('identityagent') ?? [];
  if (path === undefined || path === 'SSH_AUTH_SOCK') return socket;
  if (path === 'none') return null;
  if (path.startsWith('$')) return process.env[path.slice(1).replace(/^\{|\}$/g, '')] || null;
  return inHome(expand(path, 'IdentityAgent'));
}

const inHome = (path: string) => path.replace(/^~(?=\/)/, homedir());

/**
 * Returns the proxy, or null. For ProxyJump, ssh's own client connects to the last jump host, with
 * its own configuration and known_hosts. With BatchMode, this client fails instead of asking a
 * person.
 */
function proxyOf(settings: Settings, reached: VpsHost, expand: Expand): Proxy | null {
  const jump = one(settings, 'proxyjump');
  const command = one(settings, 'proxycommand');
  if (jump !== null) {
    const hops = jump.split(',');
    const last = hops.at(-1) ?? '';
    const before = hops.slice(0, -1).join(',');
    const at = reached.host.includes(':') ? `[${reached.host}]` : reached.host;
    return {
      argv: [
        ...['ssh', '-T', '-o', 'BatchMode=yes'],
        ...(before === '' ? [] : ['-J', before]),
        ...['-W', `${at}:${reached.port}`],
        ...['--', last.startsWith('ssh://') ? last : `ssh://${last}`],
      ],
      shown: `ProxyJump ${jump}`,
    };
  }
  if (command === null) return null;
  const shell = process.env['SHELL'] || '/bin/sh';
  return {
    argv: [shell, '-c', `exec ${expand(command, 'ProxyCommand')}`],
    shown: 'the ProxyCommand',
  };
}

type Expand = (text: string, directive: string) => string;

/**
 * Replaces the tokens of ssh_config, such as %h. `unknown` lists the tokens that only ssh can
 * replace.
 */
function expander(host: VpsHost, reached: VpsHost) {
  const unknown: string[] = [];
  const me = userInfo();
  const tokens: Record<string, string> = {
    '%': '%',
    h: reached.host,
    n: host.host,
    p: String(reached.port),
    r: host.user,
    d: homedir(),
    u: me.username,
    i: String(me.uid),
    l: hostname(),
    L: hostname().split('.')[0] ?? '',
  };
  const expand: Expand = (text, directive) =>
    text.replaceAll(/%(.)/g, (_, token: string) => {
      const value = tokens[token];
      const safe = directive !== 'ProxyCommand' || /^[\w.:@%+=,-]*$/.test(value ?? '');
      if (value !== undefined && safe) return value;
      unknown.push(`${directive} with %${token}`);
      return '';
    });
  return { expand, unknown };
}

export const notSupported = (host: VpsHost, directive: string, unless = '') =>
  final(
    failures.misconfigured,
    `${host.name}: the ssh configuration of the worker's machine sets ${directive} for this host, ` +
      `and Plimsoll does not support this directive${unless}. Nothing was sent.\n` +
      `See all settings: ssh -G ${host.host}\n` +
      'Remove the directive for this host from ~/.ssh/config. Or add a Host entry without the ' +
      'directive, and write the name of this entry as "address" in plimsoll.yaml.',
  );

const unreadable = (host: VpsHost, output: string) =>
  final(
    failures.misconfigured,
    `${host.name}: ssh cannot read its configuration on the worker's machine, so nothing was sent:\n` +
      `${output.trim().split('\n').slice(-3).join('\n')}\n` +
      `Correct the configuration, then check it: ssh -G ${host.host}`,
  );
