import { orEvidence } from '../../lib/or-evidence.ts';
import { cancellation } from '../../lib/temporal-context.ts';
import { readTraffic } from './api/analytics.ts';
import { nameOf } from './place.ts';
import type { At } from './place.ts';
import { otherSecrets } from './rollback-ready.ts';
import { see } from './snapshot.ts';

const pastMinutes = 60;

/**
 * Returns lines for the diagnosis. They list the live versions, and the failed requests of the last
 * hour by version and status. Plimsoll cannot read any log of a Worker at Cloudflare.
 */
export async function lastLines(at: At, minuteMs: number): Promise<string[]> {
  const host = nameOf(at.target);
  return await orEvidence(`${host}: the live versions`, async () => {
    const { id, shares, secretsChangedAt: changed } = await see(at);
    const live = shares.map(({ versionId, percentage }) => `${versionId} ${percentage} %`);
    return [
      `${host}: it serves ${live.join(', ') || 'nothing'}`,
      ...(id === null || changed === null ? [] : [`${host}: ${otherSecrets(id, changed)}`]),
      ...(await orEvidence(`${host}: the traffic`, () => ends(at, minuteMs))),
    ];
  });
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
      `${end}: ${some.reduce((sum, { errors }) => sum + errors, 0)} requests in the last hour`,
  );
}
