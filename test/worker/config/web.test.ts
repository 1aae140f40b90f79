import { expect, it } from 'vitest';
import { stringify } from 'yaml';
import { parseConfig } from '../../../worker/config/config.ts';
import { configText } from '../doctor/doctor-fixture.ts';

const tls = { cert: '/etc/plimsoll/door.crt', key: '/etc/plimsoll/door.key' };

/** Returns the message about `web`, or null if the configuration is accepted. */
function refused(web: object): string | null {
  try {
    parseConfig(`${configText()}${stringify({ web })}`, 'plimsoll.yaml');
    return null;
  } catch (cause) {
    const [, ...lines] = (cause as Error).message.split('\n\n')[1]?.split('\n') ?? [];
    return lines.map((line) => line.trim()).join('\n');
  }
}

it.each([
  { listen: '127.0.0.1:8490', url: 'http://127.0.0.1:8490' },
  { listen: '127.0.0.1:8490', url: 'http://localhost:8490/' },
  { listen: '127.0.0.1:8490', url: 'https://deploy.example.com' },
  { listen: '0.0.0.0:8490', url: 'https://deploy.example.com:8490', tls },
])('$url at $listen is accepted', (web) => {
  expect(refused(web)).toBeNull();
});

const open =
  'Without https, everybody between a person and the door could read and use a session.\n' +
  'Write an https:// address. Then add tls: { cert, key }, or put a proxy with a certificate in front of the door. http:// is allowed only if listen and url are 127.0.0.1.';

it.each([
  [{ listen: '127.0.0.1:8490', url: 'http://deploy.example.com' }, open],
  [{ listen: '0.0.0.0:8490', url: 'http://127.0.0.1:8490' }, open],
  [
    { listen: '127.0.0.1:8490', url: 'https://deploy.example.com/door' },
    'The address has more than a host and a port.\nWrite: https://deploy.example.com',
  ],
  [
    { listen: '127.0.0.1:8490', url: 'http://127.0.0.1:8490', tls },
    'The door has a certificate, and its address begins with http.\nWrite: https://127.0.0.1:8490',
  ],
])('%o is refused', (web, why) => {
  expect(refused(web)).toBe(why);
});
