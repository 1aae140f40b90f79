import { failures } from '../../../domain/deploy/failures.ts';
import { addressHint, splitAddress } from '../../../domain/platforms/vps/address.ts';
import type { VpsHost, VpsTarget } from '../../../domain/platforms/vps/target.ts';
import type { Project } from '../../../domain/config/config.ts';
import type { VpsEnvironment } from '../../../domain/platforms/vps/schema.ts';
import { final } from '../../lib/fail.ts';
import { commonOf } from '../variables.ts';

type Place = { project: Project; environment: VpsEnvironment };

export function resolveVps({ project, environment }: Place): VpsTarget {
  const { directory, sudo, health, minimumFreeMb } = environment;
  return {
    platform: 'vps',
    hosts: environment.hosts.map(resolveHost),
    identity: environment.identity ?? null,
    directory,
    ...runOf(environment),
    ...(environment.checkout === 'in-place' ? { checkout: 'in-place' } : {}),
    ...(minimumFreeMb === undefined ? {} : { minimumFreeMb }),
    sudo,
    repository: project.repository,
    prepare: environment.prepare ?? null,
    prepareMs: environment.prepareMinutes * 60_000,
    health,
    version: environment.version ?? null,
    heartbeat: environment.heartbeat ?? null,
    environmentFile: environment.environmentFile ?? null,
    ...commonOf(environment),
  };
}

/**
 * Returns the part of the target that says how the service runs. The rules of the configuration
 * allow exactly one of service, container and compose.
 */
function runOf({ service, container, compose, directory }: VpsEnvironment) {
  if (compose) {
    const { file, tag } = compose;
    const project = compose.project ?? composeProject(directory);
    return { service: compose.service, run: 'compose', compose: { file, project, tag } } as const;
  }
  return container === undefined
    ? { service: service ?? '' }
    : ({ service: container, run: 'docker' } as const);
}

/** Returns the project name that docker compose uses by default in this directory. */
export const composeProject = (directory: string) =>
  (directory.split('/').filter(Boolean).at(-1) ?? '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9_-]/g, '')
    .replace(/^[_-]+/, '');

function resolveHost(configured: VpsEnvironment['hosts'][number]): VpsHost {
  const { address: text, hostKey, url, directory, health } = configured;
  const address = splitAddress(text);
  if (!address)
    throw final(
      failures.misconfigured,
      `"${text}" is not the address of a host.\n` + `In plimsoll.yaml, ${addressHint}.`,
    );
  const { user, host, port, saysPort } = address;
  const name = `${user}@${host.includes(':') ? `[${host}]` : host}:${port}`;
  const own = { ...(directory ? { directory } : {}), ...(health ? { health } : {}) };
  const exactPort = saysPort && port === 22 ? ({ exactPort: true } as const) : {};
  return { name, user, host, port, ...exactPort, hostKey, url, ...own };
}
