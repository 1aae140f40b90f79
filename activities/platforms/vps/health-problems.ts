import { clocks } from '../../lib/clocks.ts';
import { judgeOwners } from '../../../domain/platforms/vps/port-owners.ts';
import type { VpsTarget } from '../../../domain/platforms/vps/target.ts';
import type { HostFacts } from './facts.ts';
import type { Answer, Outside } from './outside.ts';

export type Snapshot = { facts: HostFacts; outside: Outside };
/**
 * `rolledBack` is true if `sha` is a rollback target. An old rollback target may have no heartbeat
 * and no version path. So its heartbeat is not checked. Its version path is checked only if the
 * host does not show from which release the process was started.
 */
export type Expectation = { target: VpsTarget; sha: string; rolledBack: boolean };

const freshMs = 30_000;
const ok = (status: number | null) => status !== null && status >= 200 && status < 300;

/**
 * Returns every reason why this host does not serve `sha`, or is not healthy. An unknown value
 * counts as a problem.
 */
export function healthProblems({ facts, outside }: Snapshot, wanted: Expectation): string[] {
  const { target, sha, rolledBack } = wanted;
  const strict = !rolledBack || facts.running === null;
  return [
    unitProblem(facts, target),
    onHost(facts, target),
    ok(outside.health.status)
      ? null
      : `from outside, ${outside.health.url} ${answerText(outside.health)}; 2xx is healthy`,
    identity(facts, sha, target),
    strict ? served(outside.version, sha, target) : null,
    rolledBack ? null : beat(outside.heartbeat, target, facts.clockMs),
    ...processes(facts, wanted).problems,
  ].filter((problem) => problem !== null);
}

/**
 * Checks that only processes of `sha` listen on the ports of the service. An in-place checkout has
 * one directory for all releases. There, only systemd's invocation id shows which processes belong
 * to the newest start.
 */
const processes = ({ ports, unit }: HostFacts, { target, sha }: Omit<Expectation, 'rolledBack'>) =>
  judgeOwners(ports, {
    service: target.service,
    unit: target.run === undefined,
    sha,
    invocationId: target.run === undefined ? unit.invocationId : null,
  });

/** Checks that the service and every process on its ports run `sha`. */
export function runsOnly(facts: HostFacts, wanted: Omit<Expectation, 'rolledBack'>) {
  const { target, sha } = wanted;
  const { problems, notChecked } = processes(facts, wanted);
  const unknown = facts.running === null;
  const release = unknown ? null : identity(facts, sha, target);
  return {
    problems: [unitProblem(facts, target), release, ...problems].filter((it) => it !== null),
    notChecked: [...(unknown ? ['from which release the process was started'] : []), ...notChecked],
  };
}

/** True if the service runs and serves `sha`. Then a rollback to `sha` has nothing to change. */
export const isInPlace = ({ facts }: Snapshot, { target, sha }: Expectation) =>
  facts.unit.active === 'active' && identity(facts, sha, target) === null;

const unitProblem = ({ unit }: HostFacts, target: VpsTarget) =>
  unit.active === 'active'
    ? null
    : `${target.run ? 'the container' : 'the unit'} is ${unit.active || 'unknown'}`;

const answerText = ({ status, failure }: Answer) =>
  status === null ? `did not answer (${failure})` : `answered ${status}`;

/**
 * Returns the problem of the health request on the host, or null. If the service listens on other
 * ports, the text names these ports.
 */
function onHost({ health, listens }: HostFacts, { health: url }: VpsTarget): string | null {
  if (health === null)
    return (
      'the host has no curl, wget or node, so its health cannot be read. ' +
      'Install curl on the host'
    );
  if (/^2\d\d$/.test(health)) return null;
  if (health !== '000') return `on the host, ${url} answered ${health}; 2xx is healthy`;
  const port = portOf(url);
  if (listens.length === 0 || listens.includes(port)) return `on the host, ${url} did not answer`;
  return (
    `on the host, the service does not listen on port ${port}, but on ${listens.join(', ')}. ` +
    'Use one port for the service and for health in plimsoll.yaml'
  );
}

const portOf = (url: string) => {
  const { port, protocol } = new URL(url);
  return Number(port || (protocol === 'https:' ? 443 : 80));
};

function identity({ current, running }: HostFacts, sha: string, target: VpsTarget) {
  if (current !== sha) return `the installed release is ${current?.slice(0, 12) ?? 'unknown'}`;
  if (running !== null && running !== sha)
    return `the process was started from release ${running.slice(0, 12)}`;
  if (running === null && target.version === null) {
    const systemd = target.run === undefined && target.checkout === undefined;
    return (
      'it is unknown from which release the process was started. ' +
      (systemd
        ? 'Set WorkingDirectory=…/current in the unit and let this user read /proc/<pid>/cwd, ' +
          'or set version in plimsoll.yaml'
        : 'Deploy once, which restarts the service, or set version in plimsoll.yaml')
    );
  }
  return null;
}

function served(answer: Answer | null, sha: string, { version }: VpsTarget): string | null {
  if (answer === null) return null;
  if (!ok(answer.status)) return `from outside, ${version} ${answerText(answer)}`;
  return answer.body.includes(sha) ? null : `from outside, ${version} does not name this release`;
}

/**
 * Returns the problem of the heartbeat, or null. The heartbeat and the clock come from the same
 * host. So a wrong clock of the worker does not make a release look unhealthy.
 */
function beat(
  heartbeat: Outside['heartbeat'],
  { heartbeat: path }: VpsTarget,
  clockMs: number | null,
): string | null {
  if (heartbeat === null) return null;
  if (!ok(heartbeat.status)) return `the heartbeat ${path} ${answerText(heartbeat)}`;
  if (heartbeat.at === null)
    return `the answer of the heartbeat ${path} is not of the form {"at": ISO time}`;
  const ageMs = (clockMs ?? clocks.wall()) - heartbeat.at;
  if (Math.abs(ageMs) < freshMs) return null;
  const seconds = Math.round(ageMs / 1000);
  return `the heartbeat ${path} is ${seconds} s old, but must be younger than 30 s`;
}
