import { failures } from '../../domain/failures.ts';
import { final } from '../lib/fail.ts';

export type PostgresAddress = {
  host: string;
  /** For people: host, port and database, never the user or the password. */
  place: string;
  /** Text without anything of the address that must not be seen. */
  scrub(text: string): string;
};

/** Shorter ones would tear other words apart, and so show what they are. */
const shortestHidden = 6;

/** Final misconfigured, without a word of the value, when it is no address of PostgreSQL. */
export function readPostgresAddress(url: string, env: NodeJS.ProcessEnv = {}): PostgresAddress {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (!parsed || !/^postgres(ql)?:$/.test(parsed.protocol)) throw notAnAddress();
  const { hostname, port, pathname, searchParams, password } = parsed;
  // What the driver does with an address that names no host.
  const host = searchParams.get('host') || hostname || env['PGHOST'] || 'localhost';
  const database = pathname.replace(/^\//, '') || 'the default database';
  const hidden = [url, password, decode(password), searchParams.get('password') ?? ''];
  return {
    host: host.replace(/^\[|\]$/g, ''),
    place: `postgres://${host}:${port || env['PGPORT'] || 5432}/${database}`,
    scrub: (text) =>
      hidden
        .filter((value) => value.length >= shortestHidden)
        .reduce((clean, value) => clean.replaceAll(value, '[left out]'), text),
  };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const notAnAddress = () =>
  final(
    failures.misconfigured,
    "DATABASE_URL in the worker's environment is not an address of PostgreSQL, where the ledger would lie.\n" +
      'It looks like postgres://user:password@host:5432/database; characters such as @ / # in the ' +
      'password are written as %40 %2F %23.\n' +
      'Set it right, or unset it to keep the ledger in a file; then: npx --no plimsoll worker',
  );
