import { z } from 'zod';
import type { Sums } from '../../domain/deploy/budget.ts';
import { failures } from '../../domain/deploy/failures.ts';
import { microsOf } from '../../domain/lib/money.ts';
import { final, transient } from '../lib/fail.ts';
import type { SafeFetch } from '../lib/safe-fetch/safe-fetch.ts';

const Dollars = z.number().min(0).max(1_000_000);
const Summary = z.object({
  /** The UTC day that the summary describes. */
  date: z.iso.date(),
  day_usd: Dollars,
  month_usd: Dollars,
  agents: z.record(z.string().min(1).max(200), Dollars).default({}),
});

type Asked = { url: string; token: string | null; now: number };

/**
 * Sends a GET request for the costs of today and of this month. The service must answer {date,
 * day_usd, month_usd, agents}. `agents` contains the dollars of today for each agent. Returns
 * micro-dollars. Throws a final failure of type 'misconfigured' if access is denied or the answer
 * has another shape. Throws a transient failure if there is no answer, or if the answer is for
 * another day.
 */
export async function readSummary(
  fetch: SafeFetch,
  { url, token, now }: Asked,
  signal?: AbortSignal,
): Promise<Sums> {
  const headers = {
    accept: 'application/json',
    ...(token && { authorization: `Bearer ${token}` }),
  };
  const answer = await fetch(url, { headers, leaveOrigin: false, signal });
  if (!answer.answered) throw transient(`${url} gave no answer: ${answer.why}.`);
  const { status, body, truncated } = answer;
  if (status === 429 || status >= 500) throw transient(`${url} answered ${status}.`);
  if (status !== 200) throw wrong(url, `it answered ${status}`);
  if (truncated) throw wrong(url, 'its answer is longer than 64 KB');
  const read = Summary.safeParse(parsed(body));
  if (!read.success) throw wrong(url, unknownForm(read.error.issues[0]));
  const { date, day_usd, month_usd, agents } = read.data;
  const today = new Date(now).toISOString().slice(0, 10);
  if (date !== today)
    throw transient(`${url} sent the costs of ${date}, but today is ${today} in UTC.`);
  const of = Object.entries(agents).map(([name, spent]) => [name, microsOf(spent)] as const);
  return { day: microsOf(day_usd), month: microsOf(month_usd), agents: Object.fromEntries(of) };
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

const unknownForm = (issue: z.core.$ZodIssue | undefined) => {
  const name = issue?.path.map(String).join('.') ?? '';
  return name === ''
    ? 'its answer is not a JSON object'
    : `its answer has no valid "${name.slice(0, 40)}"`;
};

const wrong = (url: string, why: string) =>
  final(
    failures.misconfigured,
    `${url} cannot be read as a summary of costs: ${why}. Fix "budget.summary" in plimsoll.yaml, ` +
      'or the service at that address',
  );
