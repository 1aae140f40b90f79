import type { HostState, Release } from '../deploy/plan.ts';
import { judged, type Judged, list, unread } from './judged.ts';

export type PlatformFacts = {
  /** Names of all hosts that receive the release. */
  hosts: string[];
  /** The state of each host that answered. */
  live: HostState[];
  release: Release;
  /** null = a first deploy, which has no rollback target. */
  rollbackTarget: Release | null;
  /** Why no rollback is possible once the release is live. Approvers see this reason. */
  noReturn?: string;
  /**
   * `present`: true if the rollback target is on the host; null = unknown. `gone`: the platform's
   * own text about a missing rollback target. `note`: a text for approvers about a rollback target
   * that is present.
   */
  rollbackReady: { host: string; present: boolean | null; gone?: string; note?: string }[];
  /** The quarantine of this release; null = the release is not quarantined. */
  quarantine: {
    why: string;
    since: string;
    /** The command with which an approver lifts the quarantine. */
    lift?: string;
  } | null;
  /**
   * Free and needed bytes per host. null = the free bytes could not be read. Absent = disk space is
   * not measured on this platform.
   */
  disk?: { host: string; freeBytes: number | null; neededBytes: number }[];
  /** Hosts without the program flock. On such a host, two deploys could run at the same time. */
  withoutLock?: string[];
  sandbox: boolean;
  timeScale: number;
  /** The configured addresses outside this machine. A sandbox must not have such addresses. */
  remoteEndpoints: string[];
  /** One sentence for each wrong setting of the platform, with its remedy. */
  guards?: string[];
  /** One sentence for each source that could not be read. */
  sourceErrors: string[];
};

const short = (sha: string | null) => sha?.slice(0, 7) ?? 'nothing';

function hostsAgainst({ hosts, live }: PlatformFacts): string[] {
  if (hosts.length === 0)
    return ['no host is configured. Name a host under "hosts" in plimsoll.yaml.'];
  const silent = hosts.filter((name) => !live.some(({ host }) => host === name));
  const served = new Set(live.map(({ sha }) => sha));
  const mixed = live.map(({ host, sha }) => `${host} ${short(sha)}`);
  const astray = live.filter(({ sha, runningSha }) => runningSha !== null && runningSha !== sha);
  return [
    ...silent.map(
      (name) =>
        `${name} did not answer, so the release that it serves is unknown. Make it ` +
        'reachable, then deploy again.',
    ),
    ...(served.size > 1
      ? [
          `the hosts serve different releases (${list(mixed)}), so there is no single rollback ` +
            'target. Deploy the same release to all hosts first.',
        ]
      : []),
    ...astray.map(
      ({ host, sha, runningSha }) =>
        `${host} runs ${short(runningSha)} but its current release is ${short(sha)}. ` +
        'Restart the service there, then deploy again.',
    ),
  ];
}

function rollbackReadyAgainst({
  hosts,
  live,
  rollbackTarget,
  noReturn,
  rollbackReady,
}: PlatformFacts): string[] {
  if (rollbackTarget === null)
    return noReturn === undefined &&
      live.some(({ sha, foreign }) => sha !== null || foreign !== undefined)
      ? [
          'a release is live, but it is not recorded as a rollback target. Record it with the ' +
            'command: plimsoll adopt.',
        ]
      : [];
  return hosts.flatMap((name) => {
    const { present = null, gone } = rollbackReady.find(({ host }) => host === name) ?? {};
    if (present) return [];
    return present === null
      ? [
          `${name}: it is unknown whether the rollback target ${short(rollbackTarget.sha)} is ` +
            'there. Make the host reachable.',
        ]
      : [
          gone ??
            `${name}: the rollback target is gone: release ${short(rollbackTarget.sha)} is not ` +
              'on the host. Stage that release there again, then deploy again.',
        ];
  });
}

function diskAgainst({ disk = [] }: PlatformFacts): string[] {
  const megabytes = (bytes: number) => `${Math.floor(bytes / 1e6)} MB`;
  return disk.flatMap(({ host, freeBytes, neededBytes }) => {
    if (freeBytes !== null && freeBytes >= neededBytes) return [];
    return freeBytes === null
      ? [`${host}: its free disk space could not be read. Check the host, then deploy again.`]
      : [
          `${host} has ${megabytes(freeBytes)} free, but a release needs ` +
            `${megabytes(neededBytes)}. Delete files on the host, then deploy again.`,
        ];
  });
}

const lockAgainst = ({ withoutLock = [] }: PlatformFacts) =>
  withoutLock.map(
    (host) =>
      `${host} has no flock, so two deploys could run there at once. Install util-linux on it.`,
  );

function sandboxAgainst({ sandbox, timeScale, remoteEndpoints }: PlatformFacts): string[] {
  if (sandbox)
    return remoteEndpoints.map(
      (address) => `a sandbox may only reach this machine, not ${address}. Remove "sandbox: true".`,
    );
  return timeScale === 1
    ? []
    : [`time is scaled by ${timeScale} outside the sandbox. Remove timeScale from plimsoll.yaml.`];
}

/**
 * Opens the gate if every host answers, has enough free disk space and serves the same release as
 * the other hosts. The new release must not be quarantined, and the rollback target must be on
 * every host.
 */
export function judgePlatform(facts: PlatformFacts): Judged {
  const { live, rollbackTarget, noReturn, quarantine, release } = facts;
  const held = quarantine
    ? [
        `release ${release.id} is quarantined since ${quarantine.since}: ${quarantine.why}. ` +
          (quarantine.lift
            ? 'Deploy a commit that reverts this release, or let an approver lift the quarantine: ' +
              quarantine.lift
            : 'Deploy a commit that fixes the problem.'),
      ]
    : [];
  const against = [
    ...unread(facts.sourceErrors),
    ...sandboxAgainst(facts),
    ...hostsAgainst(facts),
    ...(facts.guards ?? []),
    ...held,
    ...rollbackReadyAgainst(facts),
    ...diskAgainst(facts),
    ...lockAgainst(facts),
  ];
  const ill = live.filter(({ active, healthy }) => !active || !healthy);
  return judged(against, [
    ...live.map(({ host, sha }) => `${host} serves ${short(sha)}`),
    rollbackTarget
      ? `rollback target: ${short(rollbackTarget.sha)} is on every host`
      : `${noReturn ?? 'first deploy'}: no rollback is possible; approvers see this warning`,
    ...(rollbackTarget ? facts.rollbackReady : []).flatMap(({ note }) => note ?? []),
    ...(rollbackTarget ? ill : []).map(
      ({ host }) =>
        `${host} is already unhealthy, and a rollback would bring the same release back`,
    ),
  ]);
}
