import { sealDigest } from '../../activities/lib/seal-digest.ts';
import type { Plan, SealedPlan } from '../../domain/deploy/plan.ts';
import type { Asked } from '../../domain/approval/slack-click.ts';
import { buttonValue } from '../../domain/approval/slack-button.ts';
import type { ClickInput, Forged } from '../../sandbox/slack/clicks.ts';
import type { Edit } from './unguarded.ts';

/**
 * One forged click. robin may approve, morgan requested the deploy, and casey wrote the deployed
 * commits. ci is an agent. mallory is not in the configuration.
 */
export type ClickAttack = {
  name: string;
  /** The fields that the attack forges in an honest click by robin. */
  click?: (there: SealedPlan) => Partial<ClickInput>;
  /** The parts that the attack forges in a freshly signed Slack request. */
  request?: () => Forged;
  /** How the deploy on the server differs from the deploy that waits for approval. */
  stands?: (waits: SealedPlan) => Partial<Asked>;
  /** An earlier honest click by robin: 'this' = the same click, 'another' = another click. */
  before?: 'this' | 'another';
  /**
   * The part that refuses the click. 'judge' = the bridge signs the click, but the ruling refuses
   * it.
   */
  refusedBy: 'http' | 'bridge' | 'judge';
  /** The reason for the refusal. `fill` replaces words in capitals, for example WHERE. */
  why: string;
  next?: string;
  /**
   * The edits that remove the checks against this click. If there are two checks, each check alone
   * refuses the click.
   */
  guard: Edit[];
  /** The system outside Plimsoll that refuses the click if the checks in `guard` are removed. */
  beyond?: string;
};

/**
 * The time of a click as Slack writes it: seconds with microseconds, so that each time is unique.
 */
export const secondsAgo = (seconds: number) =>
  ((performance.timeOrigin + performance.now()) / 1000 - seconds).toFixed(6);

/**
 * The value of the real approval button for the plan `there`, with the fields of `over` replaced.
 */
export const claims = (there: SealedPlan, over: object) => ({
  value: JSON.stringify({ ...(JSON.parse(buttonValue(there)) as object), ...over }),
});

export const reseal = ({ plan, gates }: SealedPlan, over: Partial<Plan>): SealedPlan => {
  const next = { ...plan, ...over } as Plan;
  return { plan: next, gates, digest: sealDigest(next, gates) };
};

export const ruleOf = ({ plan }: SealedPlan, slack?: 'never'): Pick<Plan, 'rule'> => {
  const { slack: _, ...rule } = plan.rule;
  return { rule: slack ? { ...rule, slack } : rule };
};

/**
 * Returns the plan that the click is about (`there`), the deploy on the server (`asked`), and the
 * click.
 */
export function stage({ stands, click }: ClickAttack, waits: SealedPlan) {
  const other = stands?.(waits) ?? {};
  const there = other.sealed ?? waits;
  const genuine = sealDigest(there.plan, there.gates) === there.digest;
  const asked: Asked = {
    running: true,
    phase: 'approval',
    sealed: there,
    genuine,
    failing: false,
    ...other,
  };
  const honest = { user: 'U0ROBIN', button: 'Approve', value: buttonValue(there) } as const;
  return { there, asked, click: { ...honest, ...click?.(there) } satisfies ClickInput };
}

/** The text for the person who clicked, and the text in the ledger; null = no text. */
export function wordsOf(attack: ClickAttack, there: SealedPlan, nonce = 'NONCE') {
  const { refusedBy, next = '' } = attack;
  const why = fill(attack.why, there, nonce);
  if (refusedBy === 'http') return { told: why, recorded: null };
  const bridge = `This click does not count. ${why} Nothing changed.\n${fill(next, there, nonce)}`;
  const judge =
    `This click does not count: ${why}. The click is recorded. Nothing changed.\n` +
    fill('Who may approve: plimsoll status WHERE', there, nonce);
  if (refusedBy === 'bridge') return { told: bridge, recorded: bridge };
  // The first delivery of the same click counted, so the person gets no refusal.
  return { told: attack.before === 'this' ? null : judge, recorded: why };
}

const fill = (text: string, { plan, digest }: SealedPlan, nonce: string) =>
  text
    .replace('WHERE', `${plan.project} ${plan.environment}`)
    .replace('DEPLOY', plan.deployId)
    .replace('DIGEST', digest.slice(0, 12))
    .replace('ELIGIBLE', plan.rule.eligible.join(' or '))
    .replace('NONCE', nonce.slice(0, 8));
