import { redactSecrets } from '../../activities/ledger/body-guard.ts';
import type { Ledger } from '../../activities/ledger.ts';
import type { Click } from '../../domain/policy/slack-click.ts';
import { nonceOf } from './decision-of.ts';
import type { AskedNow } from './find-asked.ts';

type Refusal = {
  click: Click;
  asked: AskedNow | null;
  approver: string | null;
  why: string;
  now: number;
};

/** Like every void ruling, once for each click; a deploy that nobody ever heard of fills no ledger. */
export async function recordRefusal(
  ledger: Pick<Ledger, 'append' | 'find'>,
  { click, asked, approver, why, now }: Refusal,
): Promise<void> {
  const { button, verb, user, team, channel, message, action } = click;
  if (!button) return;
  const { deployId, project, environment, digest } = button;
  const isThere = asked?.genuine === true && asked.sealed?.plan.deployId === deployId;
  if (!isThere && !(await ledger.find(`${deployId}/closed`))) return;
  const nonce = nonceOf(click);
  const ruling = {
    ...{ verdict: 'void', decision: verb, approver: approver ?? 'unknown', nonce, touch: false },
    ...{ why: redactSecrets(why).slice(0, 300), at: new Date(now).toISOString(), via: 'slack' },
  };
  const body = { ruling, digest, asked: 'ship', click: { user, team, channel, message, action } };
  const key = `${deployId}/ruling/click-${nonce}`;
  await ledger.append({ kind: 'ruling', key, deployId, project, environment, body });
}
