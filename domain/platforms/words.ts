import type { Release, Target, Timing } from '../deploy/plan.ts';
import { usualStartUpMs } from '../deploy/timing.ts';
import { specOf } from './index.ts';

const wordsOf = (target: Target) => specOf(target).steps;

type StepFacts = {
  sha: string;
  target: Target;
  timing: Timing;
  dependencies?: string[];
  forwardOnly?: string | undefined;
};

/** Returns the steps of a deploy, in order. Approvers sign these sentences. */
export const stepsOf = (facts: StepFacts): string[] => {
  const { sha, target, timing, dependencies = [], forwardOnly } = facts;
  const bad = forwardOnly === undefined ? 'roll back at once' : 'page a person';
  return [
    ...wordsOf(target).release(target, sha),
    ...startUpStep(timing),
    'smoke test the critical paths: auth, payments, core',
    `watch probes and ${wordsOf(target).source} for ${duration(timing.windowMs)}; ` +
      `${bad} if they turn bad`,
    ...(dependencies.length > 0
      ? [`ask a person instead if one of these goes down: ${dependencies.join(', ')}`]
      : []),
  ];
};

/**
 * Returns the step about the start-up time. It is shown only if the start-up time is not the usual
 * time. Approvers sign it, because a bad release may stay live for this time.
 */
const startUpStep = ({ startUpMs }: Timing) =>
  startUpMs === usualStartUpMs
    ? []
    : [
        `wait up to ${exact(startUpMs)} for the service to become healthy after each start, ` +
          'also in a rollback',
      ];

const exact = (ms: number) =>
  ms % 60_000 === 0 ? `${ms / 60_000} min` : `${Math.round(ms / 1000)} s`;

type RollbackInput = { target: Target; rollbackTarget: Release | null; notes: string[] };

export const rollbackStepsOf = ({ target, rollbackTarget, notes }: RollbackInput): string[] =>
  rollbackTarget
    ? [...wordsOf(target).rollback(target, rollbackTarget), ...notes]
    : ['there is no rollback: a failure pages a person instead', ...notes];

/** Returns sentences that people must read after a rollback, before the next deploy. */
export const afterRollbackOf = (target: Target): string[] => wordsOf(target).afterRollback(target);

export const whereOf = (target: Target): string[] => wordsOf(target).where(target);

const duration = (ms: number) =>
  ms >= 60_000 ? `${Math.round(ms / 60_000)} min` : `${Math.round(ms / 1000)} s`;
