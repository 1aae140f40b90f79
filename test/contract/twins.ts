import type { Exchange } from '../../sandbox/http.ts';
import type { VendorCall } from '../../domain/services/call.ts';
import { rowOf } from './calls.ts';

/** A recorded answer with one mistake. `mistake`: the mistake in words. */
export type Twin = { mistake: string; exchange: Exchange };

type Record_ = Record<string, unknown>;
const isRecord = (value: unknown): value is Record_ =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !Buffer.isBuffer(value);

/** Changes the value, or the first entry of a list. Returns null if it is no object. */
function first(value: unknown, change: (record: Record_) => Record_): unknown {
  if (isRecord(value)) return change(value);
  if (!Array.isArray(value)) return null;
  const one = first(value[0], change);
  return one === null ? null : [one, ...value.slice(1)];
}

/** Changes the object at the place: '' is the body itself. Returns [] if there is no object. */
function changed(
  exchange: Exchange,
  { place, mistake, change }: { place: string } & Change,
): Twin[] {
  const { body } = exchange;
  const part = place === '' ? body : isRecord(body) ? body[place] : undefined;
  const next = first(part, change);
  if (next === null) return [];
  const at = place === '' ? '' : ` in ${place}`;
  const whole = place === '' ? next : { ...(body as Record_), [place]: next };
  const call = `${rowOf(exchange)?.call} ${exchange.status}`;
  return [{ mistake: `${call}: ${mistake}${at}`, exchange: { ...exchange, body: whole } }];
}

type Change = { mistake: string; change: (record: Record_) => Record_ };

const excess: Change = {
  mistake: 'a field that the vendor lacks',
  change: (record) => ({ ...record, readyForShipping: true }),
};
const wrongType = (key: string): Change => ({
  mistake: `a wrong type of ${key}`,
  change: (record) => ({ ...record, [key]: isRecord(record[key]) ? ['wrong'] : { wrong: true } }),
});
const renamed = (key: string): Change => ({
  mistake: `another name of ${key}`,
  change: ({ [key]: value, ...record }) => ({ ...record, [`${key}_`]: value }),
});

const recordAt = ({ body }: Exchange, place: string): Record_ => {
  const part = place === '' ? body : isRecord(body) ? body[place] : undefined;
  const one: unknown = Array.isArray(part) ? part[0] : part;
  return isRecord(one) ? one : {};
};

/** Where the vendor's own object is in the body of an answer. */
const insides: Partial<Record<string, string>> = { cloudflare: 'result', northflank: 'data' };

/** Returns the twins of an answer that is no error. */
function answerTwins(exchange: Exchange, row: VendorCall): Twin[] {
  const place = exchange.path.endsWith('/graphql') ? '' : (insides[exchange.service] ?? '');
  const record = recordAt(exchange, place);
  const keys = Object.keys(record);
  const key =
    keys.find((name) => typeof record[name] !== 'object') ??
    keys.find((name) => Array.isArray(record[name])) ??
    // A vendor's own description may allow everything in an object.
    (row.answer === 'hand' ? keys[0] : undefined);
  const changes = [excess, ...(key === undefined ? [] : [wrongType(key)])];
  return changes.flatMap((change) => changed(exchange, { place, ...change }));
}

/** The objects in the body of an error, besides the body itself. */
const errorParts: Partial<Record<string, string>> = {
  ...{ cloudflare: 'errors', northflank: 'error', vercel: 'error', github: 'errors' },
  slack: 'response_metadata',
};

/** Returns the twins of an error answer: each field renamed, and each simple field of another type. */
function errorTwins(exchange: Exchange): Twin[] {
  const part = errorParts[exchange.service] ?? '';
  return ['', part].flatMap((place) => {
    const record = recordAt(exchange, place);
    // Vercel documents that an error may have more fields than its code and its message.
    const isOpen = exchange.service === 'vercel' && place !== '';
    const keys = Object.keys(record).filter((key) => !isOpen || key === 'code');
    const simple = keys.filter((key) => typeof record[key] !== 'object');
    const changes = [
      ...(isOpen ? [] : [excess]),
      ...keys.map((key) => renamed(key)),
      ...simple.map((key) => wrongType(key)),
    ];
    return changes.flatMap((change) => changed(exchange, { place, ...change }));
  });
}

/** true: the vendor refused the call. Slack refuses with the status 200, too. */
export const isRefusal = ({ service, status, body }: Exchange) =>
  status >= 400 || (service === 'slack' && isRecord(body) && body['ok'] === false);

/** Returns the twins of an answer: the same answer with one mistake each. */
export function twinsOf(exchange: Exchange): Twin[] {
  const row = rowOf(exchange);
  if (!row) return [];
  if (isRefusal(exchange)) return errorTwins(exchange);
  return row.answer === 'nothing' || exchange.status >= 300 ? [] : answerTwins(exchange, row);
}
