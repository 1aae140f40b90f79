import type { Cause, DeployStatus, Phase, Plan, Timing, UserFlag } from '../plan.ts';
import { redact } from './redact.ts';

/** In letters of a message on a phone. */
export const mostFlagText = 200;
const mostName = 63;
/** More reports than these change nothing any more. */
export const mostFlags = 20;

/** What can be flagged: before, nothing of this deploy is live; after, it is decided. */
export const flaggable: ReadonlySet<Phase> = new Set(['release', 'smoke', 'watch', 'ask']);

/** Control characters, and those that turn the direction of writing or hide. */
const invisible = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu;

const shown = (value: unknown, most: number) =>
  typeof value === 'string'
    ? [...redact(value.replaceAll(invisible, ' ').replaceAll(/\s+/g, ' ').trim())]
        .slice(0, most)
        .join('')
    : '';

/**
 * Anybody may send anything: {text, who}, a text alone, or nothing at all. Bounded, on one line, without what
 * looks like a secret; `who` is a claim, never a proof.
 */
export function readFlag(input: unknown, at: string): UserFlag {
  const { text, who } =
    typeof input === 'string'
      ? { text: input, who: '' }
      : ((input ?? {}) as { text?: unknown; who?: unknown });
  return {
    text: shown(text, mostFlagText) || 'flagged without a word',
    who: shown(who, mostName) || 'somebody',
    at,
  };
}

export const flagWords = ({ text, who }: UserFlag) => `"${text}" (says ${who}, unsigned)`;

/**
 * Epoch ms at which a flagged release goes back without a signed keep; null = nobody flagged it. `since` is
 * when it was asked: whoever is asked has the whole time.
 */
export function flagDeadline(
  flags: readonly UserFlag[] | undefined,
  since: string,
  { flagMs }: Pick<Timing, 'flagMs'>,
): number | null {
  const [first] = flags ?? [];
  return first ? Math.max(Date.parse(first.at), Date.parse(since)) + flagMs : null;
}

/** Epoch ms at which the plan's own answer is taken. */
export const questionEnds = (
  { timing }: Pick<Plan, 'timing'>,
  { flags, since }: Pick<DeployStatus, 'flags' | 'since'>,
): number => {
  const expires = Date.parse(since) + timing.expireMs;
  return Math.min(expires, flagDeadline(flags, since, timing) ?? expires);
};

/** The way back of a flagged release blames it: somebody saw it fail. */
export const flagCause = (flag: UserFlag, why: string): Cause => ({
  kind: 'flag',
  blames: 'release',
  detail: `a person flagged it: ${flagWords(flag)}; ${why}`,
});

/** A keep is a person's, also where a deploy is automatic. */
export const keepRule = ({ rule }: Pick<Plan, 'rule'>): Plan['rule'] =>
  rule.required === 0 ? { ...rule, required: 1 } : rule;

/** Who must answer whether it is healthy: where silence restores it, a person has to say that it stays. */
export const askRule = (
  plan: Pick<Plan, 'rule' | 'watch'>,
  flags: readonly UserFlag[] | undefined,
): Plan['rule'] => (flags?.length || plan.watch.onAsk === 'restore' ? keepRule(plan) : plan.rule);
