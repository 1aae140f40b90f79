import type { HostState, Release } from '../../plan.ts';
import { judged, type Judged, list, unread } from './judged.ts';

export type PlatformFacts = {
  /** Every host that the release goes to, by name. */
  hosts: string[];
  /** What was read there; a host that is absent did not answer. */
  live: HostState[];
  release: Release;
  /** null = a first deploy, which its own approval must allow. */
  restoreTo: Release | null;
  /** Why nothing can go back once the release is live; its approval says so. */
  noReturn?: string;
  /** Is the release to go back to present there? null = could not be seen. `gone`: what to do if it is not. */
  wayBack: { host: string; present: boolean | null; gone?: string }[];
  /** Why this release is quarantined, until a named person lifts it. */
  quarantine: {
    why: string;
    since: string;
    /** The command by which an approver lifts it. */
    lift?: string;
  } | null;
  /**
   * Free and needed bytes per host; null = could not be read. Absent = not measured on this
   * platform.
   */
  disk?: { host: string; freeBytes: number | null; neededBytes: number }[];
  /** Hosts without flock: two deploys could meet there. */
  withoutLock?: string[];
  sandbox: boolean;
  timeScale: number;
  /** Addresses that are not loopback; a sandbox may have none. */
  remoteEndpoints: string[];
  /** What the platform itself would do wrong, one sentence each with its remedy. */
  guards?: string[];
  /** What could not be read, one sentence each. */
  sourceErrors: string[];
};

const short = (sha: string | null) => sha?.slice(0, 7) ?? 'nothing';

function hostsAgainst({ hosts, live }: PlatformFacts): string[] {
  if (hosts.length === 0) return ['no host is configured. Name one under hosts in plimsoll.yaml.'];
  const silent = hosts.filter((name) => !live.some(({ host }) => host === name));
  const served = new Set(live.map(({ sha }) => sha));
  const mixed = live.map(({ host, sha }) => `${host} ${short(sha)}`);
  const astray = live.filter(({ sha, runningSha }) => runningSha !== null && runningSha !== sha);
  return [
    ...silent.map(
      (name) => `${name} did not answer: what it serves is unknown. Reach it, then deploy again.`,
    ),
    ...(served.size > 1
      ? [
          `the hosts serve different releases (${list(mixed)}): there is no one way back. ` +
            'Make them equal first.',
        ]
      : []),
    ...astray.map(
      ({ host, sha, runningSha }) =>
        `${host} runs ${short(runningSha)} but its current release is ${short(sha)}. ` +
        'Restart the service there, then deploy again.',
    ),
  ];
}

function wayBackAgainst({ hosts, live, restoreTo, noReturn, wayBack }: PlatformFacts): string[] {
  if (restoreTo === null)
    return noReturn === undefined &&
      live.some(({ sha, foreign }) => sha !== null || foreign !== undefined)
      ? ['something is live but no release is recorded to go back to. Record it: plimsoll adopt.']
      : [];
  return hosts.flatMap((name) => {
    const { present = null, gone } = wayBack.find(({ host }) => host === name) ?? {};
    if (present) return [];
    return present === null
      ? [`${name}: whether ${short(restoreTo.sha)} is there to go back to is unknown. Reach it.`]
      : [
          gone ??
            `${name}: the way back is gone, release ${short(restoreTo.sha)} is not on the host. ` +
              'Stage it there again, then deploy again.',
        ];
  });
}

function diskAgainst({ disk = [] }: PlatformFacts): string[] {
  const megabytes = (bytes: number) => `${Math.floor(bytes / 1e6)} MB`;
  return disk.flatMap(({ host, freeBytes, neededBytes }) => {
    if (freeBytes !== null && freeBytes >= neededBytes) return [];
    return freeBytes === null
      ? [`${host}: its free disk space could not be read. Look there, then deploy again.`]
      : [
          `${host} has ${megabytes(freeBytes)} free, a release needs ${megabytes(neededBytes)}. ` +
            'Make room, then deploy again.',
        ];
  });
}

const lockAgainst = ({ withoutLock = [] }: PlatformFacts) =>
  withoutLock.map(
    (host) => `${host} has no flock: two deploys could meet there. Install util-linux on it.`,
  );

function sandboxAgainst({ sandbox, timeScale, remoteEndpoints }: PlatformFacts): string[] {
  if (sandbox)
    return remoteEndpoints.map(
      (address) => `a sandbox may only reach this machine, not ${address}. Remove sandbox: true.`,
    );
  return timeScale === 1
    ? []
    : [`time is scaled by ${timeScale} outside the sandbox. Remove timeScale from plimsoll.yaml.`];
}

/**
 * The hosts are known, equal, with room, the release is not quarantined and the way back exists.
 */
export function judgePlatform(facts: PlatformFacts): Judged {
  const { live, restoreTo, noReturn, quarantine, release } = facts;
  const held = quarantine
    ? [
        `release ${release.id} is quarantined since ${quarantine.since}: ${quarantine.why}. ` +
          (quarantine.lift
            ? `Deploy a commit that takes it back, or an approver lifts it: ${quarantine.lift}`
            : 'Deploy a commit that mends it.'),
      ]
    : [];
  const against = [
    ...unread(facts.sourceErrors),
    ...sandboxAgainst(facts),
    ...hostsAgainst(facts),
    ...(facts.guards ?? []),
    ...held,
    ...wayBackAgainst(facts),
    ...diskAgainst(facts),
    ...lockAgainst(facts),
  ];
  const ill = live.filter(({ active, healthy }) => !active || !healthy);
  return judged(against, [
    ...live.map(({ host, sha }) => `${host} serves ${short(sha)}`),
    restoreTo
      ? `way back: ${short(restoreTo.sha)} is on every host`
      : `${noReturn ?? 'first deploy'}: there is no way back; the approval says so`,
    ...(restoreTo ? ill : []).map(
      ({ host }) => `${host} is unhealthy already: going back leads to the same release`,
    ),
  ]);
}
