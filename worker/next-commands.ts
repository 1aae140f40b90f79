import { plimsoll } from '../domain/deploy/wire.ts';
import type { Config } from '../domain/config/config.ts';

/**
 * Returns the commands to type next, ready to copy. The server address is left out if its port is
 * the default.
 */
export function nextCommands({ projects }: Pick<Config, 'projects'>, address: string): string[] {
  const prefix = address.endsWith(':7233') ? '' : `TEMPORAL_ADDRESS=${address} `;
  const [project, { environments }] = Object.entries(projects)[0] ?? [
    'PROJECT',
    { environments: {} },
  ];
  const where = `${project} ${Object.keys(environments)[0] ?? 'ENVIRONMENT'}`;
  return ['plan', 'deploy', 'status'].map((verb) => `${prefix}${plimsoll} ${verb} ${where}`);
}
