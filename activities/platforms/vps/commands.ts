import { failures } from '../../../domain/deploy/failures.ts';
import type { VpsTarget } from '../../../domain/platforms/vps/target.ts';
import type { ProbeAccess } from '../../../domain/lib/probe-access.ts';
import { accessTo } from '../../lib/access.ts';
import type { Access } from '../../lib/access.ts';
import { hostOfUrl, isLoopback } from '../../lib/addresses.ts';
import { isRepository } from '../../../domain/lib/repository.ts';
import { hostValues } from '../../../domain/platforms/vps/host-values.ts';
import { final } from '../../lib/fail.ts';
import { fingerprint } from './fingerprint.ts';
import { scriptOf, type ScriptName } from './scripts.ts';

/**
 * A command for a host: a fixed script that is sent over stdin, and its arguments. The script never
 * contains a value from outside.
 */
export type RemoteCommand = ReadCommand | ChangeCommand;
export type ReadCommand = Script & { changes?: false };
/** A command that changes the host. It runs under the host's lock. */
export type ChangeCommand = Script & { changes: true };

type Script = {
  /** Name of the step. It is the first argument on the host: `sh -s -- switch …`. */
  step: string;
  script: string;
  args: string[];
  timeoutMs: number;
  /**
   * The text of a curl configuration with secrets. The script gets this text over stdin, as the
   * variable `access`. So no list of processes shows the secrets. Default: ''.
   */
  access?: string;
};

const second = 1000;
const fetchMs = 120 * second;

/**
 * Returns the value if it matches the pattern of its kind. If not, throws a final failure of type
 * 'refused', because such a value must not reach a shell.
 */
function checked(kind: keyof typeof hostValues, value: string): string {
  if (hostValues[kind].test(value)) return value;
  throw refused(kind, value, `It must match ${hostValues[kind].source}. `);
}

function repositoryOf({ repository }: VpsTarget): string {
  if (isRepository(repository)) return repository;
  throw refused('repository', repository, 'Use https://host/path or git@host:path. ');
}

const refused = (kind: string, value: string, rule: string) =>
  final(
    failures.refused,
    `${JSON.stringify(value)} is not a ${kind} that may be sent to a host. ${rule}` +
      'Nothing was run. Correct the value in plimsoll.yaml and start a new deploy.',
  );

/** Quotes any text as one word of a POSIX shell. */
export const quote = (word: string) => `'${word.replaceAll("'", `'\\''`)}'`;

type Where = Pick<VpsTarget, 'directory' | 'service' | 'sudo' | 'run' | 'compose' | 'checkout'>;

const place = ({ directory, service, sudo, compose }: Where) => [
  checked('path', directory),
  checked('unit', service),
  sudo ? 'sudo' : '',
  ...(compose
    ? [
        checked('file', compose.file),
        checked('unit', compose.project),
        checked('variable', compose.tag),
      ]
    : []),
];

const script = (name: ScriptName, { run, checkout }: Where) =>
  scriptOf(name, run ?? 'systemd', checkout ?? 'releases');

/**
 * The release that a command changes or checks. `want` is the name of the rollback target's tree.
 * null means the newest tree of the commit `sha`. Without `want`, the command uses the tree that
 * was prepared with the target's prepare command.
 */
export type Aim = { sha: string; want?: string | null; epoch: Epoch };

/**
 * The epoch of a step. A host refuses a step whose epoch is smaller than the largest one so far.
 * The epoch grows with each deploy, and once more when the rollback of the deploy begins. null
 * means that there is no fence.
 */
export type Epoch = number | null;

const fenced = (epoch: Epoch) => (epoch === null ? '' : checked('epoch', String(epoch)));

const aim = (target: VpsTarget, { sha, want }: Aim) => [
  checked('sha', sha),
  want === undefined ? fingerprint(target.prepare) : want === null ? '' : checked('tree', want),
  want === undefined ? 'forward' : 'back',
];

/**
 * Returns the curl configuration for a health request on the host. If the request stays on the
 * host, curl does not check the configured certificates.
 */
function curlConfig({ headers = {}, certificates }: Access, url: string): string {
  const lines = Object.entries(headers).map(
    ([name, value]) => `header = "${`${name}: ${value}`.replaceAll(/[\\"]/g, '\\$&')}"`,
  );
  const open = certificates !== undefined && isLoopback(hostOfUrl(url));
  return [...lines, ...(open ? ['insecure'] : [])].join('\n');
}

type Prune = { keep: string[]; keepNewest: number; epoch: Epoch };
type Restart = { to: Aim; before: string | null; startUpMs: number };

const identity = /^([0-9a-f]{32}|[0-9TZ:.+-]{10,40})$/;
const seconds = (ms: number) => String(Math.ceil(ms / second));

/**
 * Functions that make a command from a target, but do not run it. They throw a final failure of
 * type 'refused' for a value that must not be sent to a host.
 */
export const commands = {
  stage(target: VpsTarget, { sha, epoch }: Pick<Aim, 'sha' | 'epoch'>): ChangeCommand {
    const { prepare, prepareMs } = target;
    const repository = repositoryOf(target);
    const how = [prepare ?? '', seconds(prepareMs), fingerprint(prepare)];
    return {
      changes: true,
      step: 'stage',
      script: script('stage', target),
      args: [...place(target), fenced(epoch), checked('sha', sha), repository, ...how],
      timeoutMs: prepareMs * (target.run === 'compose' ? 2 : 1) + fetchMs,
    };
  },
  switch(target: VpsTarget, to: Aim): ChangeCommand {
    const { prepare, prepareMs, checkout } = target;
    const how = [prepare ?? '', seconds(prepareMs), fingerprint(prepare)];
    return {
      changes: true,
      step: 'switch',
      script: script('switch', target),
      args: [...place(target), fenced(to.epoch), ...aim(target, to), ...how],
      timeoutMs: 120 * second + (checkout === 'in-place' ? prepareMs : 0),
    };
  },
  /**
   * `before` is the identity of the process before the switch. If the wanted release already runs
   * with another identity, it was already restarted. Then the command does not restart it again.
   * `systemctl restart` may wait until the service has started.
   */
  restart(target: VpsTarget, { to, before, startUpMs }: Restart): ChangeCommand {
    const id = before !== null && identity.test(before) ? before : '';
    return {
      changes: true,
      step: 'restart',
      script: script('restart', target),
      args: [...place(target), fenced(to.epoch), ...aim(target, to), id],
      timeoutMs: 60 * second + startUpMs + (target.run === 'compose' ? target.prepareMs : 0),
    };
  },
  /** Raises the epoch of the host. Needs no lock, and changes nothing else. */
  fence(target: Where, epoch: Epoch): ChangeCommand {
    const args = [...place(target), fenced(epoch)];
    const timeoutMs = 20 * second;
    return { changes: true, step: 'fence', script: script('fence', target), args, timeoutMs };
  },
  /**
   * Reads the state of the host and changes nothing. `health` is the URL to request on the host.
   * null means that no URL is requested.
   */
  inspect(target: Where & ProbeAccess, health: string | null): ReadCommand {
    const args = [...place(target), health === null ? '' : checked('url', health)];
    return {
      step: 'inspect',
      script: script('inspect', target),
      args,
      timeoutMs: 20 * second,
      ...(health === null ? {} : { access: curlConfig(accessTo(target), health) }),
    };
  },
  prune(target: Where, { keep, keepNewest, epoch }: Prune): ChangeCommand {
    const kept = keep.map((sha) => checked('sha', sha));
    const args = [...place(target), fenced(epoch), String(keepNewest), ...kept];
    return {
      changes: true,
      step: 'prune',
      script: script('prune', target),
      args,
      timeoutMs: 120 * second,
    };
  },
  releases(target: Where): ReadCommand {
    const args = place(target);
    return { step: 'releases', script: script('releases', target), args, timeoutMs: 20 * second };
  },
  journal(target: Where, lines: number): ReadCommand {
    const args = [...place(target), String(lines)];
    return { step: 'journal', script: script('journal', target), args, timeoutMs: 20 * second };
  },
};
