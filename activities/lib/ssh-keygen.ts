import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const usualPlaces = ['/usr/bin', '/usr/local/bin', '/opt/homebrew/bin'];

/**
 * Returns the path of ssh-keygen. Searches PATH first, then the usual directories. If no directory
 * has ssh-keygen, returns only the name.
 */
export function sshKeygen(env: NodeJS.ProcessEnv = process.env, places = usualPlaces): string {
  const onPath = (env['PATH'] ?? '').split(delimiter).filter((place) => place !== '');
  const place = [...onPath, ...places].find((it) => existsSync(join(it, 'ssh-keygen')));
  return place ? join(place, 'ssh-keygen') : 'ssh-keygen';
}
