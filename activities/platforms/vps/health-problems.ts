import type { VpsTarget } from '../../../domain/plan.ts';
import type { HostFacts } from './facts.ts';
import type { Answer, Outside } from './outside.ts';

export type Seen = { facts: HostFacts; outside: Outside };
/**
 * `restored`: an older release may not know today's version and heartbeat paths; its directory
 * proves it.
 */
export type Expectation = { target: VpsTarget; sha: string; restored: boolean };

const freshMs = 30_000;
const ok = (status: number | null) => status !== null && status >= 200 && status < 300;

/**
 * Everything that keeps this host from being healthy on `sha`; empty = healthy. Unknown is never
 * healthy.
 */
export function healthProblems({ facts, outside }: Seen, wanted: Expectation): string[] {
  const { target, sha, restored } = wanted;
  const strict = !restored || facts.running === null;
  return [
    facts.unit.active === 'active'
      ? null
      : `${target.run ? 'the container' : 'the unit'} is ${facts.unit.active || 'unknown'}`,
    onHost(facts, target),
    ok(outside.health.status)
      ? null
      : `outside, ${outside.health.url} ${told(outside.health)}; 2xx is healthy`,
    identity(facts, sha, target),
    strict ? served(outside.version, sha, target) : null,
    restored ? null : beat(outside.heartbeat, target),
  ].filter((problem) => problem !== null);
}

const told = ({ status, failure }: Answer) =>
  status === null ? `did not answer (${failure})` : `answered ${status}`;

/** On the host itself; names the port that was meant when it is another one. */
function onHost({ health, listens }: HostFacts, { health: url }: VpsTarget): string | null {
  if (health === null)
    return 'the host has none of curl, wget, node to ask for its health; install curl';
  if (/^2\d\d$/.test(health)) return null;
  if (health !== '000') return `on the host, ${url} answered ${health}; 2xx is healthy`;
  const port = portOf(url);
  if (listens.length === 0 || listens.includes(port)) return `on the host, ${url} did not answer`;
  return (
    `on the host, nothing of the service listens on port ${port}, ` +
    `but it listens on ${listens.join(', ')}: ` +
    'make the service and health agree on one port (8000 instead of 18789 is the classic mistake)'
  );
}

const portOf = (url: string) => {
  const { port, protocol } = new URL(url);
  return Number(port || (protocol === 'https:' ? 443 : 80));
};

function identity({ current, running }: HostFacts, sha: string, target: VpsTarget) {
  if (current !== sha) return `current names ${current?.slice(0, 12) ?? 'nothing'}`;
  if (running !== null && running !== sha) return `the process runs in ${running.slice(0, 12)}`;
  if (running === null && target.version === null) {
    const systemd = target.run === undefined && target.checkout === undefined;
    return (
      'it cannot be seen which release the process runs in: ' +
      (systemd
        ? 'let the unit have WorkingDirectory=…/current and this user read /proc/<pid>/cwd, or set version in plimsoll.yaml'
        : 'restart it once by a deploy, or set version in plimsoll.yaml')
    );
  }
  return null;
}

function served(answer: Answer | null, sha: string, { version }: VpsTarget): string | null {
  if (answer === null) return null;
  if (!ok(answer.status)) return `outside, ${version} ${told(answer)}`;
  return answer.body.includes(sha) ? null : `outside, ${version} does not name this release`;
}

function beat(heartbeat: Outside['heartbeat'], { heartbeat: path }: VpsTarget): string | null {
  if (heartbeat === null) return null;
  if (!ok(heartbeat.status)) return `the heartbeat ${path} ${told(heartbeat)}`;
  if (heartbeat.ageMs === null) return `the heartbeat ${path} is not {"at": ISO time}`;
  if (Math.abs(heartbeat.ageMs) < freshMs) return null;
  const seconds = Math.round(heartbeat.ageMs / 1000);
  return `the heartbeat ${path} is ${seconds} s old; fresh is younger than 30 s`;
}
