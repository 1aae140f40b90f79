import { transient } from '../../../lib/fail.ts';
import { redact } from '../../../../domain/lib/redact.ts';
import type { Worker } from './access.ts';
import { fetchJson } from './ask.ts';
import { badToken, cloudflareFailure } from './failure.ts';
import { Analytics } from './schemas.ts';

/**
 * The requests to one version with one status in one minute. `errors` counts exceptions, exceeded
 * limits and internal errors.
 */
export type Minute = {
  /** Start of the minute in epoch milliseconds. */
  at: number;
  version: string | null;
  status: string;
  /** True if the requests went to the version's own address, not to production. */
  preview: boolean;
  requests: number;
  errors: number;
};
export type Traffic = {
  minutes: Minute[];
  /**
   * The numbers of all minutes that begin before this time are complete. The time is in epoch
   * milliseconds. null means that there are no numbers yet.
   */
  completeUntil: number | null;
};
export type TrafficAsked = {
  from: number;
  to: number;
  /** Length of a minute in milliseconds. Default: 60,000. A sandbox has shorter minutes. */
  minuteMs?: number;
  signal?: AbortSignal | undefined;
};

const mostRows = 9999;

/**
 * Matches the errors that Cloudflare documents for a token without the permission
 * (analytics/graphql-api/errors). Real answers also have the code "authz".
 */
const denials =
  /^(?:Unauthorized|authorization denied)$|not authorized for that account|does not have access to the path/;
const isDenial = ({
  message,
  extensions,
}: {
  message: string;
  extensions?: { code?: string | null | undefined } | null | undefined;
}) => extensions?.code === 'authz' || denials.test(message);

/** The GraphQL query for the requests of a Worker, by minute, version and status. */
export const invocationsQuery = `query Invocations($account: String!, $script: String!, $from: Time!, $to: Time!) {
  viewer {
    accounts(filter: { accountTag: $account }) {
      workersInvocationsAdaptive(
        limit: ${mostRows}
        filter: { scriptName: $script, datetime_geq: $from, datetime_lt: $to }
        orderBy: [datetimeMinute_ASC]
      ) {
        dimensions { datetimeMinute status scriptVersion isPreview }
        sum { requests errors }
      }
    }
  }
}`;

/**
 * Reads the requests and errors of production by minute, without requests to a version's own
 * address. Cloudflare's numbers arrive late, roughly in the order of time. The two newest minutes
 * with numbers may still grow, so they do not count as complete. Throws a final failure of type
 * 'misconfigured' if the token may not read analytics. Throws a transient failure if there is no
 * answer, or if GraphQL reports another error. GraphQL reports errors with HTTP 200.
 */
export async function readTraffic(worker: Worker, asked: TrafficAsked): Promise<Traffic> {
  const { access, name } = worker;
  const { from, to, minuteMs = 60_000, signal } = asked;
  const what = `the analytics of ${name}`;
  const variables = {
    account: access.account,
    script: name,
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
  };
  const answer = await fetchJson(
    access,
    { path: '/graphql', what, signal },
    { query: invocationsQuery, variables },
  );
  const minutes = minutesOf(answer, worker, what);
  // A minute with only preview requests also proves that the numbers of this minute have arrived.
  const newest = Math.max(...minutes.map(({ at }) => at));
  return {
    minutes: minutes.filter(({ preview }) => !preview),
    completeUntil: minutes.length === 0 ? null : newest - minuteMs,
  };
}

type Answer = Awaited<ReturnType<typeof fetchJson>>;

function minutesOf({ status, body, headers }: Answer, { access }: Worker, what: string): Minute[] {
  if (status !== 200) {
    const problem = { status, codes: [], said: '', headers };
    throw cloudflareFailure(problem, access, what, ['analytics']);
  }
  const parsed = Analytics.safeParse(body);
  if (!parsed.success)
    throw transient(`Cloudflare answered the request for ${what} in an unknown form.`);
  const { data, errors } = parsed.data;
  const said = errors?.[0]?.message;
  if (errors?.some(isDenial)) throw badToken(access, what, ['analytics']);
  if (said !== undefined || !data)
    throw transient(`Cloudflare could not give ${what}: ${redact(said ?? '') || 'no data'}`);
  const rows = data.viewer.accounts.flatMap((one) => one.workersInvocationsAdaptive);
  if (data.viewer.accounts.length === 0 || rows.length >= mostRows)
    throw transient(`Cloudflare did not return all rows of ${what}.`);
  return rows.map(({ dimensions, sum }) => ({
    at: Date.parse(dimensions.datetimeMinute),
    version: dimensions.scriptVersion ?? null,
    status: dimensions.status,
    preview: Boolean(dimensions.isPreview),
    ...sum,
  }));
}
