/**
 * The result of a test. `logE` (evidence against the release) and `logH` (evidence of health) have
 * one natural logarithm for each sample. `rollbackAtSample` is the number, from 1, of the sample
 * that decided the rollback.
 */
export type Judgement = {
  logE: number[];
  logH: number[];
  verdict: 'rollback' | 'healthy' | 'inconclusive';
  rollbackAtSample: number | null;
};

/** The reason why the input cannot be judged. In this case there is no verdict. */
export type Invalid = { invalid: string };

export const isInvalid = (result: object): result is Invalid => 'invalid' in result;

/** Replaces -Infinity (ln 0), which JSON cannot store, by a very small number. */
const finite = (value: number) => Math.max(value, -Number.MAX_VALUE);

/**
 * Makes the verdict. Enough evidence against the release gives 'rollback', even with enough
 * evidence of health. If not, enough evidence of health gives 'healthy'. All other cases are
 * 'inconclusive'.
 */
export function conclude(
  raw: Pick<Judgement, 'logE' | 'logH'>,
  { alpha, beta }: { alpha: number; beta: number },
): Judgement {
  const [logE, logH] = [raw.logE.map(finite), raw.logH.map(finite)];
  const crossed = logE.findIndex((value) => value >= Math.log(1 / alpha));
  if (crossed >= 0) return { logE, logH, verdict: 'rollback', rollbackAtSample: crossed + 1 };
  const healthy = logH.some((value) => value >= Math.log(1 / beta));
  return { logE, logH, verdict: healthy ? 'healthy' : 'inconclusive', rollbackAtSample: null };
}
