import { join } from 'node:path';
import { linkSha, listenerPid, processSha } from './processes.ts';

export type HostTruth = {
  host: string;
  /** The SHA of the release that the symlink `current` points to. */
  current: string | null;
  /**
   * The SHA of the release whose process listens on the port of the service. The directory of the
   * process contains this SHA.
   */
  running: string | null;
  pid: number | null;
  /** The status and the SHA from GET /version. Null if nothing answers. */
  served: { status: number; sha: string | null } | null;
};

/**
 * Returns the real state of a host. Reads the processes and the file system, and requests /version.
 * Does not read the variables of the stand-in.
 */
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
