import { join } from 'node:path';
import { linkSha, listenerPid, processSha } from './processes.ts';

export type HostTruth = {
  host: string;
  /** What `current` names. */
  current: string | null;
  /** The release in whose directory the process runs that really listens on the service's port. */
  running: string | null;
  pid: number | null;
  /** Status and body's sha of GET /version; null when nothing answers. */
  served: { status: number; sha: string | null } | null;
};

/** Read from the processes and the file system, never from what the stand-in remembers. */
export async function hostTruth(host: {
  name: string;
  directory: string;
  url: string;
}): Promise<HostTruth> {
  const served = await version(`${host.url}/version`);
  const pid = listenerPid(Number(new URL(host.url).port));
  return {
    host: host.name,
    current: linkSha(join(host.directory, 'current')),
    running: pid === null ? null : processSha(pid),
    pid,
    served,
  };
}

async function version(url: string): Promise<HostTruth['served']> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2000) });
    const sha = /[0-9a-f]{40}/.exec(await response.text())?.[0] ?? null;
    return { status: response.status, sha };
  } catch {
    return null;
  }
}
