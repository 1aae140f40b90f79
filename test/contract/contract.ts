import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { record } from '../../sandbox/http.ts';
import type { Exchange } from '../../sandbox/http.ts';
import { isBeside, rowOf } from './calls.ts';
import { isPage, problemsIn, problemsOf } from './problems.ts';
import { services } from './schema-source.ts';
import type { ServiceName } from './schema-source.ts';
import { isRefusal, twinsOf } from './twins.ts';

type Given = {
  vendor: ServiceName;
  /** Makes the calls at the stand-in, and closes it. */
  drive(): Promise<void>;
  /** Calls of the table that `drive` does not make, each with the reason. */
  without?: Record<string, string>;
  /** The refusals that `drive` causes: their statuses, and for Slack their words. */
  refusals: readonly string[];
};

const refusalOf = ({ service, status, body }: Exchange) =>
  service === 'slack' ? `${status} ${(body as { error: string }).error}` : `${status}`;

/** Defines the tests that hold the stand-in of a vendor to the vendor's own specification. */
export function holdsTo({ vendor, drive, without = {}, refusals }: Given): void {
  describe(`the answers of the stand-in for ${services[vendor].title}`, () => {
    const all: Exchange[] = [];
    let stop = () => {};
    beforeAll(async () => {
      stop = record((exchange) => {
        if (exchange.service === vendor && !isBeside(exchange)) all.push(exchange);
      });
      await drive();
    });
    afterAll(() => stop());

    test('fit the specification of the vendor', async () => {
      expect(await problemsIn(all)).toEqual([]);
    });

    test('are there for every call of the table', () => {
      const made = new Set(all.map((exchange) => rowOf(exchange)?.call));
      const missing = services[vendor].calls.map(({ call }) => call).filter((c) => !made.has(c));
      const wrangler = missing.filter((call) => !call.startsWith('wrangler '));
      expect(wrangler.toSorted()).toEqual(Object.keys(without).toSorted());
    });

    test('are there for every kind of refusal', () => {
      const made = new Set(all.filter(isRefusal).map(refusalOf));
      expect([...made].toSorted()).toEqual(refusals);
    });

    test('would be refused with a mistake in them', async () => {
      const twins = all.flatMap(twinsOf);
      expect(twins.filter(({ exchange }) => !isRefusal(exchange)).length).toBeGreaterThan(5);
      const refused = all.filter((answer) => isRefusal(answer) && !isPage(answer));
      const single = refused.filter((one) => twinsOf(one).length < 2);
      expect(single.map(refusalOf)).toEqual([]);
      const unseen: string[] = [];
      for (const { mistake, exchange } of twins)
        if ((await problemsOf(exchange)).length === 0) unseen.push(mistake);
      expect([...new Set(unseen)]).toEqual([]);
    });
  });
}
