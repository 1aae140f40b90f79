import { plimsoll } from '../domain/messages.ts';
import type { Config } from '../domain/schema.ts';

/** What to type next, ready to be copied; the address is left out where it is the default. */
export function nextCommands({ projects }: Pick<Config, 'projects'>, address: string): string[] {
  const prefix = address.endsWith(':7233') ? '' : `TEMPORAL_ADDRESS=${address} `;
  const [project, { environments }] = Object.entries(projects)[0] ?? [
    'PROJECT',
    { environments: {} },
  ];
  const where = `${project} ${Object.keys(environments)[0] ?? 'ENVIRONMENT'}`;
  return ['plan', 'deploy', 'status'].map((verb) => `${prefix}${plimsoll} ${verb} ${where}`);
}
