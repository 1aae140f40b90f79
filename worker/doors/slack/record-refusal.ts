import { withoutSecrets } from '../../../domain/lib/secret-shapes.ts';
import type { Ledger } from '../../../activities/ledger/types.ts';
import type { Click } from '../../../domain/approval/slack-click.ts';
import type { SlackButton } from '../../../domain/config/config.ts';
import { nonceOf } from './decision-of.ts';
import type { AskedNow } from './find-asked.ts';

type Memory = Pick<Ledger, 'append' | 'find' | 'read'>;
type Refusal = {
  click: Click;
  asked: AskedNow | null;
  approver: string | null;
  why: string;
  now: number;
};

/**
 * Records a refused click once, like every decision that does not count. If the place never had a
 * deploy, nothing is recorded.
 */
export async function recordRefusal(
  ledger: Memory,
  { click, asked, approver, why, now }: Refusal,
): Promise<void> {
  const { button, verb, user, team, channel, message, action } = click;
  if (!button) return;
  const deployId = await deployOf(ledger, button, asked);
  if (deployId === null) return;
  const { project, environment, digest, deployId: claimed } = button;
  const nonce = nonceOf(click);
  const ruling = {
    ...{ verdict: 'void', decision: verb, approver: approver ?? 'unknown', nonce, touch: false },
    ...{ why: withoutSecrets(why).slice(0, 300), at: new Date(now).toISOString(), via: 'slack' },
  };
  const evidence = { claimed, user, team, channel, message, action };
  const body = { ruling, digest, asked: 'deploy', click: evidence };
  const key = `${deployId}/ruling/click-${nonce}`;
  await ledger.append({ kind: 'ruling', key, deployId, project, environment, body });
}

/**
 * Returns the deploy id of the button, if this deploy belongs to the place. Otherwise, returns the
 * id of the newest deploy of the place. Returns null if the place never had a deploy.
 */
async function deployOf(
  ledger: Memory,
  { deployId, project, environment }: SlackButton,
  asked: AskedNow | null,
): Promise<string | null> {
  if (asked?.genuine === true && asked.sealed?.plan.deployId === deployId) return deployId;
  const closed = await ledger.find(`${deployId}/closed`);
  if (closed?.project === project && closed.environment === environment) return deployId;
  const [newest] = await ledger.read({ project, environment, kinds: ['started'], limit: 1 });
  return newest?.deployId ?? null;
}
