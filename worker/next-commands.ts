import { plimsoll } from '../domain/deploy/wire.ts';
import type { Config } from '../domain/config/config.ts';

/**
 * Returns the commands to type next. They contain the server address, except for the default port.
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
