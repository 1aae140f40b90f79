import type { JudgeConfig } from '../../plan.ts';
import type { Counts } from './rate-ratio.ts';

/** Above this a double no longer counts one by one. */
const largest = Number.MAX_SAFE_INTEGER;
const isCount = (value: number) => Number.isFinite(value) && value >= 0 && value <= largest;
const between = (value: number, low: number, high: number) => value > low && value < high;

/** Probabilities that sum to at most 1: more would void the guarantee. */
function isMixture(weights: readonly number[], parts: readonly number[]) {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return (
    parts.length > 0 &&
    weights.length === parts.length &&
    weights.every((weight) => weight >= 0) &&
    between(sum, 0, 1 + 1e-9)
  );
}

/** The first thing wrong with the constants, or null. */
export function invalidConfig(config: JudgeConfig): string | null {
  const { alpha, beta, rho, rhoBad, a, objective } = config;
  const rules: [boolean, string][] = [
    [between(alpha, 0, 1) && between(beta, 0, 1), 'alpha and beta must lie between 0 and 1'],
    [between(rho, 0, Infinity) && between(rhoBad, 0, Infinity), 'rho and rhoBad must be positive'],
    [isCount(a), 'a must be 0 or more'],
    [config.theta.every((t) => between(t, rho, 1e9)), 'every theta must be above rho'],
    [config.thetaOk.every((t) => between(t, 0, rhoBad)), 'every thetaOk must be below rhoBad'],
    [isMixture(config.weight, config.theta), 'weight must give each theta a share of at most 1'],
    [isMixture(config.weightOk, config.thetaOk), 'weightOk must give each thetaOk its share'],
    [config.onset.every((at) => at >= 0 && at < 1), 'every onset must lie in [0, 1)'],
    [isMixture(config.onsetWeight, config.onset), 'onsetWeight must give each onset its share'],
    [between(objective.p0, 0, 1), 'objective.p0 must lie between 0 and 1'],
    [objective.q.every((q) => between(q, objective.p0, 1)), 'every objective.q must be above p0'],
    [isMixture(objective.w, objective.q), 'objective.w must give each q its share'],
    [objective.healthFactor.every((f) => f >= 0 && f < 1), 'healthFactor must lie in [0, 1)'],
    [isMixture(objective.healthWeight, objective.healthFactor), 'healthWeight must sum to 1'],
  ];
  return rules.find(([holds]) => !holds)?.[1] ?? null;
}

export function invalidPlan(plannedLooks: number): string | null {
  return Number.isInteger(plannedLooks) && between(plannedLooks, 0, 1e6)
    ? null
    : `plannedLooks is ${plannedLooks}; it must be a whole number from 1 to 999999`;
}

export function invalidCounts(what: string, { errors, requests }: Counts): string | null {
  return isCount(errors) && isCount(requests)
    ? null
    : `${what} has errors ${errors} and requests ${requests}; both must be from 0 to ${largest}`;
}
