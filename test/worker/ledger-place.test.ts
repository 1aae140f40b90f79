import { describe, expect, test } from 'vitest';
import { ledgerPlace } from '../../worker/ledger-place.ts';

const real = { sandbox: false, ledger: '/var/lib/plimsoll/ledger.db' };
const secret = 'hunter2';

describe('where the ledger lies', () => {
  test('in the file of the configuration, else in the data directory', () => {
    expect(ledgerPlace(real, {})).toEqual({ path: '/var/lib/plimsoll/ledger.db' });
    expect(ledgerPlace(real, { DATABASE_URL: ' ' })).toEqual({ path: real.ledger });
    expect(ledgerPlace({ sandbox: false, ledger: undefined }, {})).toEqual({
      path: expect.stringMatching(/plimsoll\/ledger\.db$/) as string,
    });
  });

  test('what was only played is not found in a real history', () => {
    expect(ledgerPlace({ sandbox: true }, {})).toEqual({
      path: expect.stringMatching(/plimsoll\/sandbox\/ledger\.db$/) as string,
    });
  });

  test('in PostgreSQL where DATABASE_URL names one', () => {
    const url = `postgresql://plimsoll:${secret}@db.example.com/ledger?sslmode=require`;
    expect(ledgerPlace(real, { DATABASE_URL: url })).toEqual({ url });
  });

  test.each(['127.0.0.1', 'localhost', '[::1]'])('a sandbox may use one on %s', (host) => {
    const url = `postgres://plimsoll@${host}:5433/ledger`;
    expect(ledgerPlace({ sandbox: true }, { DATABASE_URL: url })).toEqual({ url });
  });

  test.each([
    [`postgres://plimsoll:${secret}@db.example.com/ledger`, {}],
    [`postgres://plimsoll:${secret}@127.0.0.1/ledger?host=db.example.com`, {}],
    [`postgres:///ledger?password=${secret}`, { PGHOST: 'db.example.com' }],
  ])('a sandbox never writes to another machine: %s', (url, env) => {
    expect(() => ledgerPlace({ sandbox: true }, { ...env, DATABASE_URL: url })).toThrow(
      'DATABASE_URL names the ledger postgres://db.example.com:5432/ledger, which is not on this machine; ' +
        'this configuration is a sandbox, whose deploys must not be mixed with real ones.\n' +
        'Unset DATABASE_URL to keep its ledger in a file: env -u DATABASE_URL npx --no plimsoll worker',
    );
  });

  test.each([`mysql://shop:${secret}@db/shop`, `postgres://a:${secret}#@/x`, secret])(
    'what is no address of PostgreSQL is refused without a word of it',
    (url) => {
      expect(() => ledgerPlace(real, { DATABASE_URL: url })).toThrow(
        "DATABASE_URL in the worker's environment is not an address of PostgreSQL, where the ledger would lie.\n" +
          'It looks like postgres://user:password@host:5432/database; characters such as @ / # in the ' +
          'password are written as %40 %2F %23.\n' +
          'Set it right, or unset it to keep the ledger in a file; then: npx --no plimsoll worker',
      );
    },
  );
});
