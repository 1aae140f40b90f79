import type { Evidence } from '../../domain/contract/ledger.ts';
import type { Plan, Sample, ServedProof, SmokeReport, Warrant } from '../../domain/deploy/plan.ts';
import { judgeWatch } from '../../domain/watch/watch.ts';
import { windowIsOver } from '../../domain/watch/watch-end.ts';
import { notSureWhy } from '../../domain/messages/end.ts';
import type { Seals } from '../lib/seals.ts';

const smokeBody = ({ deploy, runId }: Warrant, { seal: _, ...report }: SmokeReport) => ({
  of: 'smoke',
  deployId: deploy.deployId,
  runId,
  report,
});

/** Adds the seal of this worker to the report of the smoke tests. */
export const sealSmoke = (seals: Seals, warrant: Warrant, report: SmokeReport): SmokeReport => ({
  ...report,
  seal: seals.seal('evidence', smokeBody(warrant, report)),
});

const servedBody = ({ deploy, runId }: Warrant, { seal: _, ...proof }: ServedProof) => ({
  of: 'served',
  deployId: deploy.deployId,
  runId,
  proof,
});

/**
 * Adds the seal of this worker to the proof of a rollback. `at` is the time at which the check
 * began.
 */
export const sealServed = (seals: Seals, warrant: Warrant, proof: ServedProof): ServedProof => ({
  ...proof,
  seal: seals.seal('evidence', servedBody(warrant, proof)),
});

/** The clocks of two workers may differ by this time, in milliseconds. */
const clockMs = 60_000;

type Proven = { warrant: Warrant; proof: ServedProof | null; since: string };

/**
 * Returns null if a worker proved after `since` that the rollback target works, else the reason why
 * this is not proven.
 */
export function whyNoProof(seals: Seals, { warrant, proof, since }: Proven): string | null {
  if (!proof) return notSureWhy.noProof;
  if (seals.whyInvalid('evidence', servedBody(warrant, proof), proof.seal))
    return notSureWhy.noProof;
  if (!(Date.parse(proof.at ?? '') >= Date.parse(since) - clockMs)) return notSureWhy.oldProof;
  return proof.problems.length === 0 ? null : notSureWhy.failing(proof.problems);
}

type Segment = { startedAt: number; from: number; samples: readonly Sample[] };

const segmentBody = ({ deploy, runId }: Warrant, { startedAt, from, samples }: Segment) => ({
  of: 'samples',
  deployId: deploy.deployId,
  runId,
  startedAt,
  from,
  samples: samples.map(({ seal: _, ...sample }) => sample),
});

/**
 * Adds the seal of this worker to the last sample of a segment. The seal covers all samples of the
 * segment, and the number of earlier samples. So nobody can leave out a segment.
 */
export function sealSamples(seals: Seals, warrant: Warrant, segment: Segment): Sample[] {
  const { samples } = segment;
  const last = samples.at(-1);
  if (!last) return [];
  const seal = seals.seal('evidence', segmentBody(warrant, segment));
  return [...samples.slice(0, -1), { ...last, seal }];
}

type Claim = { plan: Plan; warrant: Warrant; evidence: Evidence | undefined; now: number };

/**
 * Judges the sealed samples and the sealed smoke tests again. Returns null if they prove the
 * success of the release, else the reason why they do not.
 */
export function whyNotProven(seals: Seals, { plan, warrant, evidence, now }: Claim): string | null {
  if (!evidence) return 'no samples prove the success';
  const { smoke, startedAt, samples } = evidence;
  const untrue = seals.whyInvalid('evidence', smokeBody(warrant, smoke), smoke.seal);
  if (untrue) return `the smoke tests are not proven: ${untrue}`;
  if (!smoke.ok) return 'the smoke tests failed';
  const unsealed = whyNotSealed(seals, warrant, { startedAt, samples });
  if (unsealed) return unsealed;
  const { windowMs } = plan.timing;
  const { plannedSamples } = plan.watch;
  const final = windowIsOver({ startedAt, now, windowMs, plannedSamples, samples });
  const { verdict } = judgeWatch({ ...plan, samples, final });
  return verdict === 'pass' ? null : `the samples say "${verdict}"`;
}

function whyNotSealed(
  seals: Seals,
  warrant: Warrant,
  { startedAt, samples }: Pick<Evidence, 'startedAt' | 'samples'>,
): string | null {
  let from = 0;
  for (const [index, { seal }] of samples.entries()) {
    if (seal === undefined) continue;
    const segment = { startedAt, from, samples: samples.slice(from, index + 1) };
    const why = seals.whyInvalid('evidence', segmentBody(warrant, segment), seal);
    if (why) return `the samples are not proven: ${why}`;
    from = index + 1;
  }
  return from === samples.length ? null : 'the last samples have no seal of a worker';
}
