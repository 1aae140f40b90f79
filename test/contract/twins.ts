import type { Exchange } from '../../sandbox/http.ts';
import { rowOf } from './calls.ts';

/** A recorded answer with one mistake. `mistake`: the mistake in words. */
export type Twin = { mistake: string; exchange: Exchange };

type Record_ = Record<string, unknown>;
const isRecord = (value: unknown): value is Record_ =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !Buffer.isBuffer(value);

/** Where the vendor's own object is in the body of an answer. */
const insides: Partial<Record<string, string>> = { cloudflare: 'result', northflank: 'data' };

/** Changes the first object in the answer. Returns null if the answer has no object. */
function changed(exchange: Exchange, change: (record: Record_) => Record_ | null): Exchange | null {
  const inside = exchange.path.endsWith('/graphql') ? undefined : insides[exchange.service];
  const first = (value: unknown): unknown => {
    if (Array.isArray(value)) {
      const one = first(value[0]);
      return one === null ? null : [one, ...value.slice(1)];
    }
    return isRecord(value) ? change(value) : null;
  };
  const body = exchange.body;
  if (inside === undefined) {
    const next = first(body);
    return next === null ? null : { ...exchange, body: next };
  }
  const next = isRecord(body) ? first(body[inside]) : null;
  return next === null ? null : { ...exchange, body: { ...(body as Record_), [inside]: next } };
}

/** Returns the twins of an answer: with a field that the vendor lacks, and with a wrong type. */
export function twinsOf(exchange: Exchange): Twin[] {
  const row = rowOf(exchange);
  if (!row || row.answer === 'nothing' || exchange.status >= 300) return [];
  const more = changed(exchange, (record) => ({ ...record, readyForShipping: true }));
  const wrong = { wrong: true };
  const other = changed(exchange, (record) => {
    // A schema that was written by hand names only some of the fields.
    if (Object.keys(record).length === 0) return null;
    if (row.answer === 'hand')
      return Object.fromEntries(Object.keys(record).map((key) => [key, [wrong]]));
    const key =
      Object.keys(record).find((name) => typeof record[name] !== 'object') ??
      Object.keys(record).find((name) => Array.isArray(record[name]));
    return key === undefined ? null : { ...record, [key]: wrong };
  });
  return [
    ...(more && row.answer === 'specification'
      ? [{ mistake: `${row.call}: a field that the vendor lacks`, exchange: more }]
      : []),
    ...(other ? [{ mistake: `${row.call}: a wrong type`, exchange: other }] : []),
  ];
}
