import type { VpsHostHandle } from '../platforms/vps/start-vps-host.ts';

export function vpsEnvironment(hosts: VpsHostHandle[]) {
  const [first] = hosts;
  if (!first) throw new Error('An environment on the platform vps needs at least one host.');
  return {
    platform: 'vps',
    hosts: hosts.map((host) => ({
      address: host.address,
      hostKey: host.hostKeyFingerprint,
      url: host.url,
      directory: host.directory,
      health: `${host.insideUrl}/healthz`,
    })),
    identity: first.clientKeyPath,
    directory: first.directory,
    health: `${first.insideUrl}/healthz`,
    service: first.unit.replace(/\.service$/, ''),
    sudo: false,
    version: '/version',
    heartbeat: '/heartbeat',
    smoke: { auth: '/login', payments: '/pay', core: '/' },
  };
}
