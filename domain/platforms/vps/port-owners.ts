/** A process that listens on a port. null = the ssh user may not read this fact. */
export type PortOwner = {
  port: number;
  pid: number;
  /** True for the main process of the service, and for every process that it started. */
  kin: boolean;
  /** The InvocationID of the start of the unit to which the process belongs. */
  invocation: string | null;
  /**
   * The control group of the process, such as "/system.slice/shop.service"; null = unknown or the
   * root.
   */
  group: string | null;
  /** The commit of the release directory in which the process runs; null = another directory. */
  sha: string | null;
  command: string;
};

/**
 * The processes that listen on the health port and on the ports of the service. `healthPort`: port
 * of the health URL; null = not read. `hidden`: ports whose process the ssh user may not see.
 */
export type PortFacts = { healthPort: number | null; owners: PortOwner[]; hidden: number[] };

type Expected = {
  /** The unit, the container or the service of compose. */
  service: string;
  /** True if systemd runs the service. */
  unit: boolean;
  sha: string;
  invocationId: string | null;
};

type Judged = { problems: string[]; notChecked: string[] };

/**
 * Programs that listen on a port in place of the service: systemd for a socket unit, and the
 * proxies of docker and podman for a published port.
 */
const holders =
  /^(systemd|docker-proxy|rootlesskit|rootlessport|slirp4netns|pasta(\.avx2)?|conmon|exe)$/;

/**
 * Judges the processes that listen on the ports of the service. Three kinds of processes are
 * problems: a process of another release, a process of an earlier start, and an unrelated process
 * that shares a port with the service. A program in `holders` is no problem. If only an unrelated
 * process listens on a port, the result lists the port as not checked.
 */
export function judgeOwners(facts: PortFacts, expected: Expected): Judged {
  const { owners, hidden, healthPort } = facts;
  const ours = new Set(owners.filter((one) => isOurs(one, expected)).map(({ port }) => port));
  const judged = owners.map((one) => judgeOwner(one, ours.has(one.port), expected));
  const unseen = [...new Set(hidden)].map(
    (port) =>
      `the owner of port ${port}: the ssh user may not see the process (ss -ltnp as root shows it)`,
  );
  const nobody =
    healthPort !== null &&
    !hidden.includes(healthPort) &&
    !owners.some(({ port }) => port === healthPort)
      ? [`the owner of port ${healthPort}: no process of the host itself listens there`]
      : [];
  return {
    problems: judged.flatMap(({ problem }) => problem ?? []),
    notChecked: [...unseen, ...nobody, ...judged.flatMap(({ unknown }) => unknown ?? [])],
  };
}

const fullUnit = (service: string) => service.replace(/(\.service)?$/, '.service');

const isInUnit = ({ group }: PortOwner, { service, unit }: Expected) =>
  unit && group !== null && `${group}/`.includes(`/${fullUnit(service)}/`);

const isStale = ({ invocation }: PortOwner, { invocationId }: Expected) =>
  invocation !== null && invocationId !== null && invocation !== invocationId;

const isOurs = (one: PortOwner, expected: Expected) =>
  one.kin ||
  (one.invocation !== null && one.invocation === expected.invocationId) ||
  (isInUnit(one, expected) && !isStale(one, expected));

/**
 * Returns the unit or the container of a control group. null = the group is a login session, a user
 * session, or unknown.
 */
const serviceOf = (group: string | null) =>
  /([^/]+\.service|(?:docker|libpod|cri-containerd)-[0-9a-f]+\.scope|docker\/[0-9a-f]+)(?:\/|$)/.exec(
    (group ?? '').replace(/^\/user\.slice\/user-\d+\.slice\/user@\d+\.service\//, '/'),
  )?.[1] ?? null;

type Verdict = { problem?: string; unknown?: string };

function judgeOwner(one: PortOwner, shared: boolean, expected: Expected): Verdict {
  const { port, pid, sha, command } = one;
  const wrong = (why: string): Verdict => ({
    problem:
      `port ${port} is held by process ${pid} (${command}), ${why}. ` +
      `Stop it on the host: sudo kill ${pid}`,
  });
  const other = sha !== null && sha !== expected.sha;
  const from = other ? ` and which runs in release ${sha.slice(0, 12)}` : '';
  if (isOurs(one, expected)) return other ? wrong(`which runs in release ${sha.slice(0, 12)}`) : {};
  if (isInUnit(one, expected))
    return wrong(`which an earlier start of ${expected.service} left behind${from}`);
  if (other) return wrong(`which does not belong to ${expected.service}${from}`);
  if (pid === 1 || holders.test(command)) return {};
  const service = serviceOf(one.group);
  if (shared) return wrong(`which does not belong to ${expected.service}, but shares its port`);
  const where = service === null ? '' : ` of ${service}`;
  return {
    unknown: `the process behind port ${port}: ${command} (${pid})${where} listens there`,
  };
}
