import type { Reply } from '../../http.ts';
import type { Invocations, Row } from './invocations.ts';
import { may } from './permissions.ts';
import { fields, route } from './routes.ts';
import type { Request, Route } from './routes.ts';

const failed = (message: string, more: object = {}): Reply => ({
  status: 200,
  body: {
    data: null,
    errors: [{ message, path: null, extensions: { timestamp: now(), ...more } }],
  },
});
const now = () => new Date().toISOString();

/**
 * Returns the value of each dimension for a row. The names come from the type
 * AccountWorkersInvocationsAdaptiveDimensions of Cloudflare's schema.
 */
const dimensions: Record<string, (row: Row) => string | boolean> = {
  datetimeMinute: ({ minute }) => new Date(minute).toISOString(),
  scriptName: ({ script }) => script,
  scriptVersion: ({ version }) => version,
  status: ({ status }) => status,
  isPreview: ({ preview }) => preview,
};
const sums: Record<string, (row: Row) => number> = {
  requests: ({ requests }) => requests,
  errors: ({ errors }) => errors,
};

const block = (query: string, name: string) =>
  new RegExp(`\\b${name}\\s*\\{([^}]*)\\}`).exec(query)?.[1]?.trim().split(/\s+/) ?? [];

const variable = (query: string, argument: string, variables: Record<string, unknown>) => {
  const name = new RegExp(`\\b${argument}\\s*:\\s*\\$(\\w+)`).exec(query)?.[1];
  return name === undefined ? undefined : variables[name];
};

type Asked = {
  script: string;
  from: number;
  to: number;
  limit: number;
  dims: string[];
  totals: string[];
};

/**
 * Reads the only query that the stand-in supports. Returns an error text if the query has an
 * unknown part, as Cloudflare does.
 */
function read(query: string, variables: Record<string, unknown>, account: string): Asked | string {
  if (!query.includes('workersInvocationsAdaptive')) return 'unknown field';
  if (variable(query, 'accountTag', variables) !== account)
    return 'not authorized for that account';
  const script = variable(query, 'scriptName', variables);
  const [from, to] = ['datetime_geq', 'datetime_lt'].map((argument) =>
    Date.parse(String(variable(query, argument, variables))),
  );
  if (typeof script !== 'string' || Number.isNaN(from) || Number.isNaN(to))
    return 'a filter needs scriptName, datetime_geq and datetime_lt';
  const dims = block(query, 'dimensions');
  const totals = block(query, 'sum');
  const odd = [...dims.filter((it) => !dimensions[it]), ...totals.filter((it) => !sums[it])];
  if (odd.length > 0) return `unknown field "${odd[0]}"`;
  const limit = Number(/\blimit\s*:\s*(\d+)/.exec(query)?.[1] ?? 100);
  return { script, from: from!, to: to!, limit, dims, totals };
}

function answer(rows: Row[], { script, from, to, limit, dims, totals }: Asked): Reply {
  const groups = new Map<string, { dimensions: object; sum: Record<string, number> }>();
  for (const row of rows) {
    if (row.script !== script || row.minute < from || row.minute >= to) continue;
    const shown = Object.fromEntries(dims.map((name) => [name, dimensions[name]!(row)]));
    const key = JSON.stringify(shown);
    const group = groups.get(key) ?? { dimensions: shown, sum: {} };
    for (const name of totals) group.sum[name] = (group.sum[name] ?? 0) + sums[name]!(row);
    groups.set(key, group);
  }
  const found = [...groups.values()].slice(0, limit);
  const accounts = [{ workersInvocationsAdaptive: found }];
  return { status: 200, body: { data: { viewer: { accounts } }, errors: null } };
}

const ask = (request: Request, invocations: Invocations): Reply => {
  // This answer is documented under analytics/graphql-api/errors. Real answers also have the code
  // "authz".
  if (!may(request.account.permissions, 'Account Analytics: Read'))
    return failed('not authorized for that account', { code: 'authz' });
  const { query, variables } = fields(request.call);
  const given = (variables ?? {}) as Record<string, unknown>;
  const asked = read(typeof query === 'string' ? query : '', given, request.account.id);
  return typeof asked === 'string' ? failed(asked) : answer(invocations.rows(), asked);
};

/**
 * Makes the GraphQL route. An error response has the HTTP status 200, as at Cloudflare. Under the
 * fault `lying-status`, every response is an error response.
 */
export const graphqlRoutes = (invocations: Invocations): Route[] => [
  route('POST /graphql', (request) => ({
    read: () => ask(request, invocations),
    lie: () => failed('internal server error'),
  })),
];
