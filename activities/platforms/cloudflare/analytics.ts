import { transient } from '../../lib/fail.ts';
import { redact } from '../../../domain/policy/redact.ts';
import type { Worker } from './access.ts';
import { fetchJson } from './ask.ts';
import { cloudflareFailure } from './failure.ts';
import { Analytics } from './schemas.ts';

/** One minute of one version. `errors` are exceptions, exceeded limits and internal errors. */
export type Minute = {
  /** Epoch milliseconds of its start. */
  at: number;
  version: string | null;
  status: string;
  requests: number;
  errors: number;
};
export type Traffic = {
  minutes: Minute[];
  /** Minutes that begin before this are complete (epoch ms); null = nothing can be said yet. */
  completeUntil: number | null;
};
export type TrafficAsked = {
  from: number;
  to: number;
  /** 60 s; shorter where a sandbox's time runs faster. */
  minuteMs?: number;
  signal?: AbortSignal | undefined;
};

const mostRows = 9999;

const query = `query Invocations($account: String!, $script: String!, $from: Time!, $to: Time!) {
  viewer {
    accounts(filter: { accountTag: $account }) {
      workersInvocationsAdaptive(
        limit: ${mostRows}
        filter: { scriptName: $script, datetime_geq: $from, datetime_lt: $to }
        orderBy: [datetimeMinute_ASC]
      ) {
        dimensions { datetimeMinute status scriptVersion }
        sum { requests errors }
      }
    }
  }
}`;

/**
 * Requests and errors by minute. The numbers lag and come in about their order, so the newest minute
 * that has any is still growing, and the one before it may be. Transient: no answer, or GraphQL's
 * own errors, which come with HTTP 200.
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
  const answer = await fetchJson(access, { path: '/graphql', what, signal }, { query, variables });
  const minutes = minutesOf(answer, worker, what);
  const newest = Math.max(...minutes.map(({ at }) => at));
  return { minutes, completeUntil: minutes.length === 0 ? null : newest - minuteMs };
}

type Answer = Awaited<ReturnType<typeof fetchJson>>;

function minutesOf({ status, body, after }: Answer, { access }: Worker, what: string): Minute[] {
  if (status !== 200) {
    const problem = { status, codes: [], said: '', after };
    throw cloudflareFailure(problem, access, what);
  }
  const parsed = Analytics.safeParse(body);
  if (!parsed.success) throw transient(`Cloudflare answered in an unknown form: ${what}.`);
  const { data, errors } = parsed.data;
  const said = errors?.[0]?.message;
  if (said !== undefined || !data)
    throw transient(`Cloudflare could not tell ${what}: ${redact(said ?? '') || 'no data'}`);
  const rows = data.viewer.accounts.flatMap((one) => one.workersInvocationsAdaptive);
  if (data.viewer.accounts.length === 0 || rows.length >= mostRows)
    throw transient(`Cloudflare did not give all of ${what}.`);
  return rows.map(({ dimensions, sum }) => ({
    at: Date.parse(dimensions.datetimeMinute),
    version: dimensions.scriptVersion ?? null,
    status: dimensions.status,
    ...sum,
  }));
}
