import { setTimeout as delay } from 'node:timers/promises';
import { namespaces, plimsoll } from '../../domain/deploy/wire.ts';
import type { Ruling } from '../../domain/deploy/plan.ts';
import type { SignedDecision } from '../../domain/config/config.ts';
import { notRuledYet, sendInWebUi } from '../../domain/messages/decision.ts';
import { clean } from '../../domain/messages/parts/clean.ts';
import { confirmCrossing } from '../sign/confirm-crossing.ts';
import { confirmRead } from '../sign/confirm-read.ts';
import { checkSeal } from './check-seal.ts';
import { withSession } from './connect.ts';
import type { Session } from './connect.ts';
import { phaseOf } from '../../domain/deploy/snapshot.ts';
import { asksToKeep, decisionOf, waitingPlan } from './decision.ts';
import type { Verb } from './decision.ts';
import { UserError } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import { identity } from '../sign/identity.ts';
import type { IdentityOptions } from '../sign/identity.ts';
import type { Io } from '../io.ts';
import { createPaint } from '../../domain/messages/parts/paint.ts';
import { readDeploy } from './read-deploy.ts';
import type { Place, DeploySnapshot } from './read-deploy.ts';
import { renderPlan } from '../../domain/messages/plan.ts';
import { signPayload } from '../sign/sign.ts';
import { closedAlready } from './order.ts';
import { refuseIfFailing } from './failing.ts';

export type DecideOptions = Place &
  IdentityOptions & { sha?: string; print?: boolean; yes?: boolean };

const askEveryMs = 300;

/**
 * Signs a decision and sends it to the open deploy. This works without a running worker. Exit 0:
 * the decision counts. Exit 4: the decision is refused. Exit 8: the decision is stored until a
 * worker runs again.
 */
export const decide = (io: Io, verb: Verb, options: DecideOptions): Promise<number> =>
  withSession(io, options, async (session) => {
    const { project, environment } = options;
    const snapshot = await readDeploy(session, { project, environment });
    if (!snapshot.running) throw await closedAlready(session, verb, snapshot);
    refuseIfFailing(verb, snapshot);
    const signed = await sign(io, verb, options, { session, snapshot });
    if (options.print) return printSigned(io, signed);
    await session.decide(snapshot, signed);
    const ruling = await rulingOn(session, snapshot, signed);
    if (!ruling) await refuseIfClosed(session, verb, snapshot);
    return showRuling(io, snapshot, ruling);
  });

async function sign(
  io: Io,
  verb: Verb,
  options: DecideOptions,
  { session, snapshot }: { session: Session; snapshot: DeploySnapshot },
): Promise<SignedDecision> {
  const now = new Date();
  const sealed = waitingPlan(snapshot, { sha: options.sha, verb }, now);
  const { name: approver, keyPath } = identity(io, options);
  // A rejection needs no seal, because it never releases anything.
  const checked = verb === 'reject' ? null : await checkSeal(io, session, sealed);
  io.say(renderPlan(sealed, { paint: createPaint(io.color) }));
  if (checked !== null) io.say(checked);
  if (verb !== 'reject')
    await confirmRead(io, sealed, { verb, keyPath, yes: options.yes ?? false });
  else if (phaseOf(snapshot) === 'awaiting-rollback-approval')
    await confirmCrossing(io, sealed, options.sha);
  const asked = verb === 'keep' || asksToKeep(phaseOf(snapshot));
  const keep = asked ? ({ asked: 'keep' } as const) : {};
  const decision = decisionOf(sealed, { verb, approver, now, ...keep });
  const namespace = namespaces.approval;
  const signature = await signPayload({
    payload: decision,
    keyPath,
    namespace,
    interactive: io.asks,
    say: io.say,
  });
  return { decision, signature };
}

function printSigned(io: Io, signed: SignedDecision): number {
  io.out(JSON.stringify(signed));
  io.say(sendInWebUi(signed.decision));
  return exitCodes.ok;
}

async function rulingOn(
  session: Session,
  run: DeploySnapshot,
  { decision }: SignedDecision,
): Promise<Ruling | undefined> {
  const until = Date.now() + session.timeLimits.rulingMs;
  while (Date.now() < until) {
    const left = Math.max(500, until - Date.now());
    const status = await session.status(run, left);
    const ruling = status?.rulings.find(({ nonce }) => nonce === decision.nonce);
    if (ruling) return ruling;
    await delay(askEveryMs);
  }
  return undefined;
}

/** Throws a UserError if the deploy closed or was replaced before it counted the decision. */
async function refuseIfClosed(session: Session, verb: Verb, { place, runId }: DeploySnapshot) {
  const now = await readDeploy(session, place, runId);
  if (!now.running) throw await closedAlready(session, verb, now);
}

function showRuling(io: Io, { place }: DeploySnapshot, ruling: Ruling | undefined): number {
  const where = `${place.project} ${place.environment}`;
  if (!ruling) {
    io.data({ ruling: null }, notRuledYet(place));
    return exitCodes.running;
  }
  const { verdict, why } = clean(ruling);
  if (verdict === 'void')
    throw new UserError(
      `The decision does not count: ${why}. The ledger records it, and nothing changed.\n` +
        `See who may approve:  ${plimsoll} status ${where}`,
      exitCodes.notAllowed,
    );
  io.data({ ruling }, `The decision counts: ${why}.`);
  return exitCodes.ok;
}
