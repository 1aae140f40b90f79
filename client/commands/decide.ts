import { setTimeout as delay } from 'node:timers/promises';
import { messages, namespaces, plimsoll } from '../../domain/messages.ts';
import type { DeployStatus, Ruling } from '../../domain/plan.ts';
import type { SignedDecision } from '../../domain/schema.ts';
import { clean } from '../clean.ts';
import { confirmCrossing } from '../confirm-crossing.ts';
import { confirmSolo } from '../confirm-solo.ts';
import { withSession } from '../connect.ts';
import type { Session } from '../connect.ts';
import { asksToKeep, decisionOf, phaseOf, waitingPlan } from '../decision.ts';
import type { Verb } from '../decision.ts';
import { UserError } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import { identity } from '../identity.ts';
import type { IdentityOptions } from '../identity.ts';
import type { Io } from '../io.ts';
import { createPaint } from '../paint.ts';
import { handleOf, readDeploy } from '../read-deploy.ts';
import type { Place, Seen } from '../read-deploy.ts';
import { renderPlan } from '../render-plan.ts';
import { signPayload } from '../sign.ts';
import { closedAlready } from './order.ts';

export type DecideOptions = Place & IdentityOptions & { sha?: string; print?: boolean };

const waitMs = 10_000;
const askEveryMs = 300;

/** Works with every worker down: exit 0 counted, 4 refused, 8 stored until a worker is back. */
export const decide = (io: Io, verb: Verb, options: DecideOptions): Promise<number> =>
  withSession(io, async (session) => {
    const { project, environment } = options;
    const seen = await readDeploy(session, { project, environment });
    if (!seen.running) throw await closedAlready(session, verb, seen);
    const signed = await sign(io, verb, options, seen);
    if (options.print) return printSigned(io, signed);
    const handle = handleOf(session, seen.place, seen.runId);
    await session.within(() => handle.signal(messages.decide, signed));
    const ruling = await rulingOn(session, seen, signed);
    if (!ruling) await refuseIfClosed(session, verb, seen);
    return told(io, seen, ruling);
  });

async function sign(
  io: Io,
  verb: Verb,
  options: DecideOptions,
  seen: Seen,
): Promise<SignedDecision> {
  const now = new Date();
  const sealed = waitingPlan(seen, { sha: options.sha, verb }, now);
  const { name: approver, keyPath } = identity(io, options);
  io.say(renderPlan(sealed, { paint: createPaint(io.color) }));
  if (verb !== 'reject') await confirmSolo(io, sealed, keyPath);
  else if (phaseOf(seen) === 'frozen') await confirmCrossing(io, sealed, options.sha);
  const asked = verb === 'keep' || asksToKeep(phaseOf(seen));
  const keep = asked ? ({ asked: 'keep' } as const) : {};
  const decision = decisionOf(sealed, { verb, approver, now, ...keep });
  const namespace = namespaces.approval;
  const signature = await signPayload({
    payload: decision,
    keyPath,
    namespace,
    interactive: io.asks,
  });
  return { decision, signature };
}

function printSigned(io: Io, signed: SignedDecision): number {
  const { project, environment } = signed.decision;
  io.out(JSON.stringify(signed));
  io.say(
    `Not sent. In the Web UI open deploy/${project}/${environment}, send a signal with the name ` +
      `"${messages.decide}" and this JSON as its input.`,
  );
  return exitCodes.ok;
}

async function rulingOn(
  session: Session,
  { place, runId }: Seen,
  { decision }: SignedDecision,
): Promise<Ruling | undefined> {
  const handle = handleOf(session, place, runId);
  const until = Date.now() + waitMs;
  while (Date.now() < until) {
    const left = Math.max(500, until - Date.now());
    const asked = session.within(() => handle.query<DeployStatus>(messages.status), left);
    const status = await asked.catch(() => undefined);
    const ruling = status?.rulings.find(({ nonce }) => nonce === decision.nonce);
    if (ruling) return ruling;
    await delay(askEveryMs);
  }
  return undefined;
}

/** It closed, or was replaced, before a decision that was on its way could count. */
async function refuseIfClosed(session: Session, verb: Verb, { place, runId }: Seen) {
  const now = await readDeploy(session, place, runId);
  if (!now.running) throw await closedAlready(session, verb, now);
}

function told(io: Io, { place }: Seen, ruling: Ruling | undefined): number {
  const where = `${place.project} ${place.environment}`;
  if (!ruling) {
    io.data(
      { ruling: null },
      `Sent and kept by Temporal; no worker has ruled on it yet. It will count when one is back.\n` +
        `See the ruling:  ${plimsoll} status ${where}`,
    );
    return exitCodes.running;
  }
  const { verdict, why } = clean(ruling);
  if (verdict === 'void')
    throw new UserError(
      `It does not count: ${why}. It is recorded, and nothing changed.\n` +
        `Who may approve:  ${plimsoll} status ${where}`,
      exitCodes.notAllowed,
    );
  io.data({ ruling }, `It counts: ${why}.`);
  return exitCodes.ok;
}
