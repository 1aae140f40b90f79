/**
 * Natural logarithms after every look, the verdict, and the look (from 1) at which rollback was
 * decided.
 */
export type Judgement = {
  logE: number[];
  logH: number[];
  verdict: 'rollback' | 'healthy' | 'inconclusive';
  rollbackAtLook: number | null;
};

/** What the judge cannot compute with; never a verdict. */
export type Invalid = { invalid: string };

export const isInvalid = (result: object): result is Invalid => 'invalid' in result;

/** ln 0 has no JSON; the smallest number decides the same. */
const finite = (value: number) => Math.max(value, -Number.MAX_VALUE);

/** Rollback wins; health needs its own evidence; silence is inconclusive. */
export function conclude(
  raw: Pick<Judgement, 'logE' | 'logH'>,
  { alpha, beta }: { alpha: number; beta: number },
): Judgement {
  const [logE, logH] = [raw.logE.map(finite), raw.logH.map(finite)];
  const crossed = logE.findIndex((value) => value >= Math.log(1 / alpha));
  if (crossed >= 0) return { logE, logH, verdict: 'rollback', rollbackAtLook: crossed + 1 };
  const healthy = logH.some((value) => value >= Math.log(1 / beta));
  return { logE, logH, verdict: healthy ? 'healthy' : 'inconclusive', rollbackAtLook: null };
}
