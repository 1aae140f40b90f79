import { cancellation } from '../../git/pulse.ts';
import { readTraffic } from './analytics.ts';
import { nameOf } from './place.ts';
import type { At } from './place.ts';
import { see } from './sight.ts';

const pastMinutes = 60;

/** What served, and how its requests ended by Cloudflare's count; the log of a Worker has no past to be read. */
export async function lastLines(at: At, minuteMs: number): Promise<string[]> {
  const host = nameOf(at.target);
  try {
    const { shares } = await see(at);
    const live = shares.map(({ versionId, percentage }) => `${versionId} ${percentage} %`);
    return [`${host}: it serves ${live.join(', ') || 'nothing'}`, ...(await ends(at, minuteMs))];
  } catch (failure) {
    if (cancellation()?.aborted) throw failure;
    return [`${host}: it could not be read: ${(failure as Error).message}`];
  }
}

async function ends({ worker }: At, minuteMs: number): Promise<string[]> {
  const to = Date.now();
  const signal = cancellation();
  const asked = { from: to - pastMinutes * minuteMs, to, minuteMs, signal };
  const { minutes } = await readTraffic(worker, asked);
  const bad = minutes.filter(({ errors }) => errors > 0);
  const byEnd = Map.groupBy(bad, ({ version, status }) => `version ${version ?? '?'}: ${status}`);
  return [...byEnd].map(
    ([end, some]) =>
      `${end} ended ${some.reduce((sum, { errors }) => sum + errors, 0)} requests of the last hour`,
  );
}
