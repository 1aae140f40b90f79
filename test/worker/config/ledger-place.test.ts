import { describe, expect, test } from 'vitest';
import { ledgerPlace } from '../../../worker/config/ledger-place.ts';

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

  test('the data of a sandbox is not in a real history', () => {
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
      'DATABASE_URL names the ledger postgres://db.example.com:5432/ledger on another machine. ' +
        'This configuration is a sandbox, and its deploys must not be mixed with real deploys.\n' +
        'Unset DATABASE_URL to keep the ledger in a file: env -u DATABASE_URL plimsoll worker',
    );
  });

  test.each([`mysql://shop:${secret}@db/shop`, `postgres://a:${secret}#@/x`, secret])(
    'what is no address of PostgreSQL is refused without a word of it',
    (url) => {
      expect(() => ledgerPlace(real, { DATABASE_URL: url })).toThrow(
        "DATABASE_URL in the worker's environment is not an address of PostgreSQL, so the ledger cannot be opened.\n" +
          'An address looks like postgres://user:password@host:5432/database. In the password, write ' +
          'the characters @ / # as %40 %2F %23.\n' +
          'Correct DATABASE_URL, or unset it to keep the ledger in a file. ' +
          'Then start the worker again: plimsoll worker',
      );
    },
  );
});
