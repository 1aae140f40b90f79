import type { Cause, DeployStatus, Phase, Plan, Timing, UserFlag } from '../deploy/plan.ts';
import { flagWords } from '../messages/parts/flag.ts';
import { clean } from '../messages/parts/clean.ts';
import { redact } from '../lib/redact.ts';

/** Maximum length of a flag's text, in characters. The text must fit a message on a phone. */
export const mostFlagText = 200;
const mostName = 63;
/** Maximum number of reports about one deploy. A further report changes nothing. */
export const mostFlags = 20;

/**
 * The phases in which a release can be flagged. Before these phases, the release is not live. After
 * these phases, the outcome is decided.
 */
export const flaggable: ReadonlySet<Phase> = new Set(['release', 'smoke', 'watch', 'decision']);

const shown = (value: unknown, most: number) =>
  typeof value === 'string'
    ? [...redact(clean(value).replaceAll(/\s+/g, ' ').trim())].slice(0, most).join('')
    : '';

/**
 * Reads a flag from any input: {text, who}, a text, or nothing. The result is short, on one line,
 * and redacted. Nothing proves that `who` sent the flag.
 */
export function readFlag(input: unknown, at: string): UserFlag {
  const { text, who } =
    typeof input === 'string'
      ? { text: input, who: '' }
      : ((input ?? {}) as { text?: unknown; who?: unknown });
  return {
    text: shown(text, mostFlagText) || 'no text was given',
    who: shown(who, mostName) || 'somebody',
    at,
  };
}

/**
 * Returns the time at which a flagged release is rolled back unless a signed keep arrives, in epoch
 * milliseconds. null = the release is not flagged. `since` is the time of the question. The time
 * starts at the later of two moments: the flag and the question.
 */
export function flagDeadline(
  flags: readonly UserFlag[] | undefined,
  since: string,
  { flagMs }: Pick<Timing, 'flagMs'>,
): number | null {
  const [first] = flags ?? [];
  return first ? Math.max(Date.parse(first.at), Date.parse(since)) + flagMs : null;
}

/**
 * Returns the time at which the question closes and the default answer counts, in epoch
 * milliseconds.
 */
export const questionEnds = (
  { timing }: Pick<Plan, 'timing'>,
  { flags, since }: Pick<DeployStatus, 'flags' | 'since'>,
): number => {
  const expires = Date.parse(since) + timing.expireMs;
  return Math.min(expires, flagDeadline(flags, since, timing) ?? expires);
};

/**
 * Returns the cause of a rollback after a flag. The cause blames the release, because a person saw
 * the release fail.
 */
export const flagCause = (flag: UserFlag, why: string): Cause => ({
  kind: 'flag',
  blames: 'release',
  detail: `a person flagged it: ${flagWords(flag)}; ${why}`,
});

/**
 * Returns the rule for keeping a release. At least one person must sign, also in an automatic
 * environment.
 */
export const keepRule = ({ rule }: Pick<Plan, 'rule'>): Plan['rule'] =>
  rule.required === 0 ? { ...rule, required: 1 } : rule;

/**
 * Returns the rule for the question whether the release is healthy. If a missing answer means a
 * rollback, at least one person must sign that the release stays.
 */
export const decisionRule = (
  plan: Pick<Plan, 'rule' | 'watch'>,
  flags: readonly UserFlag[] | undefined,
): Plan['rule'] =>
  flags?.length || plan.watch.onInconclusive === 'rollback' ? keepRule(plan) : plan.rule;
