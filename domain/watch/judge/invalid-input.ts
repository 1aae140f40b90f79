import type { JudgeConfig } from '../../deploy/plan.ts';
import type { Counts } from './rate-ratio.ts';

/** Above this number, a double cannot represent every whole number. */
const largest = Number.MAX_SAFE_INTEGER;
const isCount = (value: number) => Number.isFinite(value) && value >= 0 && value <= largest;
const between = (value: number, low: number, high: number) => value > low && value < high;

/**
 * Returns true if each part has a weight, and the sum of the weights is at most 1. A larger sum
 * would break the guarantee of the test.
 */
function isMixture(weights: readonly number[], parts: readonly number[]) {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return (
    parts.length > 0 &&
    weights.length === parts.length &&
    weights.every((weight) => weight >= 0) &&
    between(sum, 0, 1 + 1e-9)
  );
}

const mixture = (weights: string, parts: string) =>
  `${weights} must have one weight for each ${parts}, with a sum of at most 1`;

/** Returns a text about the first invalid constant; null: all constants are valid. */
export function invalidConfig(config: JudgeConfig): string | null {
  const { alpha, beta, rho, rhoBad, a, objective } = config;
  const rules: [boolean, string][] = [
    [between(alpha, 0, 1) && between(beta, 0, 1), 'alpha and beta must lie between 0 and 1'],
    [between(rho, 0, Infinity) && between(rhoBad, 0, Infinity), 'rho and rhoBad must be positive'],
    [isCount(a), 'a must be 0 or more'],
    [config.theta.every((t) => between(t, rho, 1e9)), 'every theta must be above rho'],
    [config.thetaOk.every((t) => between(t, 0, rhoBad)), 'every thetaOk must be below rhoBad'],
    [isMixture(config.weight, config.theta), mixture('weight', 'theta')],
    [isMixture(config.weightOk, config.thetaOk), mixture('weightOk', 'thetaOk')],
    [config.onset.every((at) => at >= 0 && at < 1), 'every onset must lie in [0, 1)'],
    [isMixture(config.onsetWeight, config.onset), mixture('onsetWeight', 'onset')],
    [between(objective.p0, 0, 1), 'objective.p0 must lie between 0 and 1'],
    [objective.q.every((q) => between(q, objective.p0, 1)), 'every objective.q must be above p0'],
    [isMixture(objective.w, objective.q), mixture('objective.w', 'objective.q')],
    [objective.healthFactor.every((f) => f >= 0 && f < 1), 'healthFactor must lie in [0, 1)'],
    [
      isMixture(objective.healthWeight, objective.healthFactor),
      mixture('healthWeight', 'healthFactor'),
    ],
  ];
  return rules.find(([holds]) => !holds)?.[1] ?? null;
}

export function invalidPlan(plannedSamples: number): string | null {
  return Number.isInteger(plannedSamples) && between(plannedSamples, 0, 1e6)
    ? null
    : `plannedSamples is ${plannedSamples}; it must be a whole number from 1 to 999999`;
}

export function invalidCounts(what: string, { errors, requests }: Counts): string | null {
  return isCount(errors) && isCount(requests)
    ? null
    : `${what} has errors ${errors} and requests ${requests}; both must be from 0 to ${largest}`;
}
