import { setTimeout as delay } from 'node:timers/promises';
import type { Ledger } from '../../activities/ledger.ts';
import { plimsoll } from '../../domain/messages.ts';
import type { Ruling } from '../../domain/plan.ts';
import { freshMs, whoClicked, whyNotAsked, whyNotFresh } from '../../domain/policy/slack-click.ts';
import type { Click, Members } from '../../domain/policy/slack-click.ts';
import type { Decision } from '../../domain/schema.ts';
import { decisionOf, nonceOf } from './decision-of.ts';
import type { AskedNow, Deploys } from './find-asked.ts';
import { recordRefusal } from './record-refusal.ts';

export type BridgeDeps = {
  members: Members;
  deploys: Deploys;
  ledger: Pick<Ledger, 'append' | 'find' | 'read'>;
  /** With the bridge's own key. */
  sign: (decision: Decision) => Promise<string>;
  /** Tells who clicked, and nobody else. */
  tell: (click: Click, text: string) => Promise<void>;
  warn: (line: string) => void;
  now?: () => number;
  /** How long a ruling is waited for. */
  patienceMs?: number;
};

/** What became of a click; `text` is what was told to who clicked, null: the message itself shows it. */
export type Heard = {
  did: 'refused' | 'repeated' | 'stored' | 'void' | 'counted' | 'failed';
  text: string | null;
};
type Bridge = {
  /** Resolves once the click is safe: refused, or kept by Temporal. `end` resolves with what became of it. */
  hear(click: Click): Promise<{ end: Promise<Heard> }>;
};

/** A click becomes an ordinary signed decision, sent by the ordinary signal: it counts for what policy says. */
export function createBridge(deps: BridgeDeps): Bridge {
  const heard = new Map<string, number>();
  return {
    async hear(click) {
      const now = (deps.now ?? Date.now)();
      const nonce = nonceOf(click);
      for (const [old, at] of heard) if (at < now - 2 * freshMs) heard.delete(old);
      if (heard.has(nonce)) return { end: Promise.resolve({ did: 'repeated', text: repeated }) };
      heard.set(nonce, now);
      try {
        return { end: told(deps, click, await take(deps, click, now)) };
      } catch (cause) {
        // Whoever clicks once more must be heard.
        heard.delete(nonce);
        deps.warn(`A click at Slack was not taken: ${(cause as Error).message}`);
        return { end: told(deps, click, { did: 'failed', text: failed(click) }) };
      }
    },
  };
}

const repeated = 'This click was heard already: it counts once. Nothing changed.';

type Taken = Heard | { sent: Decision; runId: string };

/** Judged before it is signed: the bridge never says what it does not believe. */
async function take(deps: BridgeDeps, click: Click, now: number): Promise<Taken> {
  const who = whoClicked(click, deps.members);
  const approver = 'approver' in who ? who.approver : null;
  const asked = click.button ? await deps.deploys.asked(click.button) : null;
  const why =
    'refused' in who ? who.refused : (whyNotFresh(click, now) ?? whyNotAsked(click, asked, now));
  if (why !== null || approver === null || !asked?.sealed || !click.button) {
    const text = why ?? failed(click);
    await recordRefusal(deps.ledger, { click, asked, approver, why: text, now });
    return { did: 'refused', text };
  }
  const decision = decisionOf(asked.sealed, approver, click);
  const signature = await deps.sign(decision);
  await deps.deploys.decide(click.button, asked.runId, { decision, signature });
  return { sent: decision, runId: asked.runId };
}

async function told(deps: BridgeDeps, click: Click, taken: Taken): Promise<Heard> {
  const heard = 'sent' in taken ? await outcome(deps, taken) : taken;
  if (heard.text !== null)
    await deps
      .tell(click, heard.text)
      .catch((cause: Error) => deps.warn(`Nobody could be told at Slack: ${cause.message}`));
  return heard;
}

async function outcome(deps: BridgeDeps, { sent, runId }: { sent: Decision; runId: string }) {
  const until = Date.now() + (deps.patienceMs ?? 10_000);
  do {
    const ruling = await deps.deploys.ruling(sent, runId, sent.nonce);
    if (ruling) return ruled(ruling, sent);
    await delay(300);
  } while (Date.now() < until);
  return { did: 'stored', text: stored(sent) } as const;
}

function ruled({ verdict, why }: Ruling, { project, environment }: Decision): Heard {
  if (verdict === 'counted') return { did: 'counted', text: null };
  const text =
    `This click does not count: ${why}. It is recorded, and nothing changed.\n` +
    `Who may approve: ${plimsoll} status ${project} ${environment}`;
  return { did: 'void', text };
}

const stored = ({ project, environment }: Decision) =>
  'Heard, and kept by Temporal; no worker has ruled on it yet. It will count when one is back.\n' +
  `See the ruling: ${plimsoll} status ${project} ${environment}`;

const failed = ({ verb, button }: Click) =>
  'This click was not taken: the worker cannot reach what it needs, and its log says what. Nothing changed.\n' +
  `Click once more, or sign it by key: ${plimsoll} ${verb} ${button?.project ?? 'PROJECT'} ${button?.environment ?? 'ENVIRONMENT'}`;

export type { AskedNow };
