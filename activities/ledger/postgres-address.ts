import { failures } from '../../domain/deploy/failures.ts';
import { final } from '../lib/fail.ts';

export type PostgresAddress = {
  host: string;
  /**
   * The host, the port and the database, for messages. The text never contains the user or the
   * password.
   */
  place: string;
  /** Removes the secret parts of the address from a text. */
  scrub(text: string): string;
};

/**
 * The shortest secret that `scrub` removes, in characters. A shorter secret may be a part of usual
 * words. If `scrub` removed it from these words, the gaps would reveal the secret.
 */
const shortestHidden = 6;

/**
 * Parses an address of PostgreSQL. Throws a final failure of type 'misconfigured' if the text is
 * not such an address. The message of the failure contains no part of the text.
 */
export function readPostgresAddress(url: string, env: NodeJS.ProcessEnv = {}): PostgresAddress {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (!parsed || !/^postgres(ql)?:$/.test(parsed.protocol)) throw notAnAddress();
  const { hostname, port, pathname, searchParams, password } = parsed;
  // The PostgreSQL driver uses the same order.
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
    "DATABASE_URL in the worker's environment is not an address of PostgreSQL, " +
      'so the ledger cannot be opened.\n' +
      'An address looks like postgres://user:password@host:5432/database. In the password, write ' +
      'the characters @ / # as %40 %2F %23.\n' +
      'Correct DATABASE_URL, or unset it to keep the ledger in a file. ' +
      'Then start the worker again: plimsoll worker',
  );
