import { setTimeout as delay } from 'node:timers/promises';
import type { Ledger } from '../../../activities/ledger/types.ts';
import {
  clickFailed,
  clickNotTaken,
  clickRepeated,
  clickStored,
  clickVoid,
  answerNotSent,
} from '../../../domain/messages/slack-click.ts';
import type { Ruling } from '../../../domain/deploy/plan.ts';
import {
  freshMs,
  whoClicked,
  whyNotAsked,
  whyNotFresh,
} from '../../../domain/approval/slack-click.ts';
import type { Click, Members } from '../../../domain/approval/slack-click.ts';
import type { Decision } from '../../../domain/config/config.ts';
import { decisionOf, nonceOf } from './decision-of.ts';
import type { Deploys } from './find-asked.ts';
import { recordRefusal } from './record-refusal.ts';

export type BridgeDeps = {
  members: Members;
  deploys: Deploys;
  ledger: Pick<Ledger, 'append' | 'find' | 'read'>;
  /** Signs with the key of the bridge. */
  sign: (decision: Decision) => Promise<string>;
  /** Sends a message to the person who clicked. Nobody else can see the message. */
  answer: (click: Click, text: string) => Promise<void>;
  warn: (line: string) => void;
  now?: () => number;
  /** The longest wait for a ruling, in milliseconds. Default: 10 s. */
  timeLimitMs?: number;
};

/**
 * The result of a click. `text` was sent to the person who clicked. If `text` is null, the approval
 * message shows the result.
 */
export type Heard = {
  did: 'refused' | 'repeated' | 'stored' | 'void' | 'counted' | 'failed';
  text: string | null;
};
type Bridge = {
  /**
   * Resolves when the click is refused, or when Temporal has stored the decision. `end` resolves
   * when the result of the click is known.
   */
  hear(click: Click): Promise<{ end: Promise<Heard> }>;
};

/**
 * Turns a click into a signed decision, and sends it by the same signal as any other decision. The
 * approval rules decide whether the decision counts.
 */
export function createBridge(deps: BridgeDeps): Bridge {
  const heard = new Map<string, number>();
  return {
    async hear(click) {
      const now = (deps.now ?? Date.now)();
      const nonce = nonceOf(click);
      for (const [old, at] of heard) if (at < now - 2 * freshMs) heard.delete(old);
      if (heard.has(nonce))
        return { end: Promise.resolve({ did: 'repeated', text: clickRepeated }) };
      heard.set(nonce, now);
      try {
        return { end: answered(deps, click, await take(deps, click, now)) };
      } catch (cause) {
        // Forget the click, so that the same person can click again.
        heard.delete(nonce);
        deps.warn(clickNotTaken((cause as Error).message));
        return { end: answered(deps, click, { did: 'failed', text: clickFailed(click) }) };
      }
    },
  };
}

type Taken = Heard | { sent: Decision; runId: string };

/**
 * Checks the click, then signs and sends the decision. A refused click is recorded, and never
 * signed.
 */
async function take(deps: BridgeDeps, click: Click, now: number): Promise<Taken> {
  const who = whoClicked(click, deps.members);
  const approver = 'approver' in who ? who.approver : null;
  const asked = click.button ? await deps.deploys.asked(click.button) : null;
  const why =
    'refused' in who ? who.refused : (whyNotFresh(click, now) ?? whyNotAsked(click, asked, now));
  if (why !== null || approver === null || !asked?.sealed || !click.button) {
    const text = why ?? clickFailed(click);
    await recordRefusal(deps.ledger, { click, asked, approver, why: text, now });
    return { did: 'refused', text };
  }
  const decision = decisionOf(asked.sealed, approver, click);
  const signature = await deps.sign(decision);
  await deps.deploys.decide(click.button, asked.runId, { decision, signature });
  return { sent: decision, runId: asked.runId };
}

async function answered(deps: BridgeDeps, click: Click, taken: Taken): Promise<Heard> {
  const heard = 'sent' in taken ? await outcome(deps, taken) : taken;
  if (heard.text !== null)
    await deps
      .answer(click, heard.text)
      .catch((cause: Error) => deps.warn(answerNotSent(cause.message)));
  return heard;
}

async function outcome(deps: BridgeDeps, { sent, runId }: { sent: Decision; runId: string }) {
  const until = Date.now() + (deps.timeLimitMs ?? 10_000);
  do {
    const ruling = await deps.deploys.ruling(sent, runId, sent.nonce);
    if (ruling) return ruled(ruling, sent);
    await delay(300);
  } while (Date.now() < until);
  return { did: 'stored', text: clickStored(sent) } as const;
}

function ruled({ verdict, why }: Ruling, decision: Decision): Heard {
  if (verdict === 'counted') return { did: 'counted', text: null };
  return { did: 'void', text: clickVoid(why, decision) };
}
