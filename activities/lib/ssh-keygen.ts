import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const usualPlaces = ['/usr/bin', '/usr/local/bin', '/opt/homebrew/bin'];

/**
 * Returns the path of ssh-keygen. Searches PATH first, then the usual places. If ssh-keygen is in
 * no such place, returns the bare name.
 */
export function sshKeygen(env: NodeJS.ProcessEnv = process.env, places = usualPlaces): string {
  const onPath = (env['PATH'] ?? '').split(delimiter).filter((place) => place !== '');
  const place = [...onPath, ...places].find((it) => existsSync(join(it, 'ssh-keygen')));
  return place ? join(place, 'ssh-keygen') : 'ssh-keygen';
}
