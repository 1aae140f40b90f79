import { setCurrentDetails, workflowInfo } from '@temporalio/workflow';
import type { Place, ServedLook } from '../domain/activities.ts';
import { followUp, judgeServed, untold } from '../domain/policy/sentinel.ts';
import type { Judged, SentinelFinding, SentinelReport } from '../domain/policy/sentinel.ts';
import { blindPage, otherPage, sentinelDetails } from '../domain/policy/sentinel-words.ts';
import { callOut, tell } from './call-out.ts';
import { sentence } from './closed.ts';
import { telling, weighing } from './proxies.ts';

type Watched = { places: Place[]; channel: string | null };

/**
 * Is something served that nobody shipped through here? A schedule begins it again and again; what the run
 * before found is known, so people are called once.
 */
export async function sentinel({ places, channel }: Watched): Promise<SentinelReport> {
  const before = await weighing.recallSentinel({ runId: workflowInfo().runId });
  const guard = (place: Place) => {
    const last = before?.places.find((it) => isSame(it, place));
    return guardOne(place, last, channel);
  };
  const report = { places: await Promise.all(places.map(guard)) };
  setCurrentDetails(sentinelDetails(report.places));
  return report;
}

const isSame = (one: Place, other: Place) =>
  one.project === other.project && one.environment === other.environment;

async function guardOne(
  place: Place,
  last: SentinelFinding | undefined,
  channel: string | null,
): Promise<SentinelFinding> {
  const { look, judged } = await see(place);
  const { finding, call } = followUp(place, judged, last);
  if (last?.told && !finding.told) await record(finding);
  if (!call) return finding;
  const page = call === 'other' && look ? otherPage(finding, look) : blindPage(finding);
  if (!(await callOut(page, channel))) return untold(finding, last);
  await record(finding);
  return finding;
}

async function see(place: Place): Promise<{ look: ServedLook | null; judged: Judged }> {
  try {
    const look = await weighing.lookAtServed(place);
    return { look, judged: judgeServed(look) };
  } catch (failure) {
    return { look: null, judged: { verdict: 'unknown', why: sentence(failure) } };
  }
}

/** For `history`; what is served was told already. */
async function record({ project, environment, verdict, why }: SentinelFinding) {
  const key = `sentinel/${project}/${environment}/${workflowInfo().runId}`;
  const body = { verdict, why };
  const row = { kind: 'sentinel', key, deployId: null, project, environment, body } as const;
  await tell('the sentinel in the ledger', async () => {
    await telling.append(row);
    return true;
  });
}
