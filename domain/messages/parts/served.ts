import type { HostState } from '../../deploy/plan.ts';

export const short = (sha: string) => sha.slice(0, 7);

/**
 * Returns a text such as "1a2b3c4 on 2 hosts". If the releases differ, the text names the release
 * of each host.
 */
export function onHosts(live: readonly HostState[]): string {
  if (live.length === 0) return 'unknown: no host was read';
  const name = ({ sha }: HostState) => (sha ? short(sha) : 'nothing');
  const served = new Set(live.map(name));
  if (served.size > 1)
    return `MIXED: ${live.map((state) => `${name(state)} on ${state.host}`).join(', ')}`;
  const hosts = live.length === 1 ? (live[0]?.host ?? '') : `${live.length} hosts`;
  return `${[...served].join('')} on ${hosts}`;
}
