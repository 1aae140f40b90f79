import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const usualPlaces = ['/usr/bin', '/usr/local/bin', '/opt/homebrew/bin'];

/** Where ssh-keygen is: on PATH, else where systems keep it; its bare name where it is nowhere. */
export function sshKeygen(env: NodeJS.ProcessEnv = process.env, places = usualPlaces): string {
  const onPath = (env['PATH'] ?? '').split(delimiter).filter((place) => place !== '');
  const place = [...onPath, ...places].find((it) => existsSync(join(it, 'ssh-keygen')));
  return place ? join(place, 'ssh-keygen') : 'ssh-keygen';
}
