import { sealDigest } from '../../activities/lib/seal-digest.ts';
import type { Plan, SealedPlan } from '../../domain/plan.ts';
import type { Asked } from '../../domain/policy/slack-click.ts';
import { buttonValue } from '../../domain/policy/slack-button.ts';
import type { ClickInput, Forged } from '../../sandbox/slack/clicks.ts';
import type { Edit } from './unguarded.ts';

/** Robin may approve, morgan requested, casey wrote what is shipped, ci is an agent, and mallory is nobody. */
export type ClickAttack = {
  name: string;
  /** What of an honest click by robin is forged. */
  click?: (there: SealedPlan) => Partial<ClickInput>;
  /** What of a request that Slack signed just now is forged. */
  request?: () => Forged;
  /** What the server shows at that place, where it is not the deploy that waits. */
  stands?: (waits: SealedPlan) => Partial<Asked>;
  /** Robin clicked honestly before: this very click, or another one. */
  before?: 'this' | 'another';
  /** 'judge': the bridge signs it, and the worker that rules on it does not believe it. */
  refusedBy: 'http' | 'bridge' | 'judge';
  /** Words in capitals stand for what is there, see `fill`. */
  why: string;
  next?: string;
  /** What has to fall for it to come in: where two stand in its way, either alone keeps it out. */
  guard: Edit[];
  /** Who keeps it out even then: nothing of ours. */
  beyond?: string;
};

/** When a click claims to be made, as Slack writes it: to the microsecond, so that no two are one. */
export const secondsAgo = (seconds: number) =>
  ((performance.timeOrigin + performance.now()) / 1000 - seconds).toFixed(6);

/** The button of what is there, with another claim. */
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

/** The place that it finds, and the click itself. */
export function stage({ stands, click }: ClickAttack, waits: SealedPlan) {
  const other = stands?.(waits) ?? {};
  const there = other.sealed ?? waits;
  const genuine = sealDigest(there.plan, there.gates) === there.digest;
  const asked: Asked = { running: true, phase: 'approval', sealed: there, genuine, ...other };
  const honest = { user: 'U0ROBIN', button: 'Approve', value: buttonValue(there) } as const;
  return { there, asked, click: { ...honest, ...click?.(there) } satisfies ClickInput };
}

/** What who clicked is told, and what stands in the ledger; null: nothing. */
export function wordsOf(attack: ClickAttack, there: SealedPlan, nonce = 'NONCE') {
  const { refusedBy, next = '' } = attack;
  const why = fill(attack.why, there, nonce);
  if (refusedBy === 'http') return { told: why, recorded: null };
  const bridge = `This click does not count. ${why} Nothing changed.\n${fill(next, there, nonce)}`;
  const judge =
    `This click does not count: ${why}. It is recorded, and nothing changed.\n` +
    fill('Who may approve: npx --no plimsoll status WHERE', there, nonce);
  if (refusedBy === 'bridge') return { told: bridge, recorded: bridge };
  // Whoever clicked once, and was heard twice, has a click that counts.
  return { told: attack.before === 'this' ? null : judge, recorded: why };
}

const fill = (text: string, { plan, digest }: SealedPlan, nonce: string) =>
  text
    .replace('WHERE', `${plan.project} ${plan.environment}`)
    .replace('DEPLOY', plan.deployId)
    .replace('DIGEST', digest.slice(0, 12))
    .replace('ELIGIBLE', plan.rule.eligible.join(' or '))
    .replace('NONCE', nonce.slice(0, 8));
