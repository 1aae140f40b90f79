import { plimsoll } from '../messages.ts';
import type { DeployStatus, Outcome, Phase } from '../plan.ts';
import { closedLine } from './saga-closed.ts';
import { sagaDetails } from './saga-details.ts';
import { crossingWords } from './forward-only.ts';
import { flagDeadline, flagWords } from './flag.ts';
import { count } from './numbers.ts';
import { onHosts, short } from './served.ts';

export type FirstLine = Pick<DeployStatus, 'liveNow' | 'waitingFor' | 'doThis'>;
type Known = Omit<DeployStatus, keyof FirstLine>;
export type Closed = Known & { outcome: Outcome };

const command = (verb: string, { project, environment }: Known) =>
  `${plimsoll} ${verb} ${project} ${environment}`;

function liveNow({ sealed, phase }: Known): string {
  if (!sealed) return 'what it was: nothing was touched';
  const { live, release, restoreTo } = sealed.plan;
  const before = restoreTo ? short(restoreTo.sha) : onHosts(live);
  if (phase === 'release') return `changing from ${before} to ${short(release.sha)}, host by host`;
  if (phase === 'restore') return `going back from ${short(release.sha)} to ${before}`;
  if (phase === 'frozen') return `${short(release.sha)}, FAILED, on whatever it had reached`;
  const shipped = phase === 'smoke' || phase === 'watch' || phase === 'ask' || phase === 'settle';
  return shipped ? `${short(release.sha)}, not yet proven` : onHosts(live);
}

function approvers({ sealed, rulings }: Known): string {
  if (!sealed) return 'an approval';
  const { rule, notAfter } = sealed.plan;
  const given = new Set(
    rulings
      .filter(({ verdict, decision }) => verdict === 'counted' && decision === 'approve')
      .map(({ approver }) => approver),
  );
  const open = Math.max(0, rule.required - given.size);
  if (open === 0) return 'the gates, once more, and the first effect';
  const who = rule.eligible.filter((name) => !given.has(name)).join(' or ') || 'an approver';
  return `${count(open, 'approval')} by ${who}, until ${notAfter}`;
}

const afterAsk = ({ sealed }: Known) =>
  sealed?.plan.watch.onAsk === 'restore' ? goesBack(sealed.plan) : 'it is kept as unproven';

const goesBack = ({ forwardOnly }: { forwardOnly?: string }) =>
  forwardOnly === undefined ? 'it is restored' : 'a person is called: going back must be signed';

/** What a person types for it: across a schema it must be signed. */
const backward = ({ sealed }: Known) =>
  sealed?.plan.forwardOnly === undefined ? 'rollback' : 'reject';

/** A flag shortens the question, and turns its answer round. */
function question(status: Known): string {
  const [flag] = status.flags ?? [];
  const { plan } = status.sealed ?? {};
  const until = plan ? flagDeadline(status.flags, status.since, plan.timing) : null;
  if (!flag || until === null)
    return `a person: is this release healthy? After 2 h ${afterAsk(status)}`;
  const at = `${new Date(until).toISOString().slice(11, 16)}Z`;
  const then = plan?.restoreTo ? goesBack(plan) : 'a person is called: there is no way back';
  return `a person: ${flagWords(flag)}; without a signed keep ${then} at ${at}`;
}

/** Phases that go on by themselves. `may` = an order to abort still helps. */
const onItsOwn: Partial<Record<Phase, { what: string; may: boolean }>> = {
  planning: { what: 'the plan', may: true },
  preflight: { what: 'the gates', may: true },
  release: { what: 'the platform', may: true },
  smoke: { what: 'the critical paths to answer', may: true },
  watch: { what: 'the watch to end', may: true },
  settle: { what: 'the ledger and the notes', may: false },
  restore: { what: 'the restore to be proven on every host', may: false },
};

function waiting(status: Known): Pick<FirstLine, 'waitingFor' | 'doThis'> {
  const order = (verb: string) => command(verb, status);
  if (status.phase === 'approval')
    return {
      waitingFor: approvers(status),
      doThis: `${order('approve')} (or: ${order('reject')})`,
    };
  if (status.phase === 'ask')
    return {
      waitingFor: question(status),
      doThis: `look at it; bad: ${order(backward(status))}; good: ${order('keep')}`,
    };
  if (status.phase === 'frozen')
    return {
      waitingFor:
        'an approver: going back crosses ' +
        `${crossingWords(status.sealed?.plan ?? {})}; asked for 24 h, it stays as it is`,
      doThis:
        `look at the database; mend it forward: ${order('keep')}, then deploy what mends it; ` +
        `go back: ${order('reject')} (signed)`,
    };
  const { what, may } = onItsOwn[status.phase] ?? { what: 'nothing', may: false };
  return {
    waitingFor: what,
    doThis: may ? `nothing; to stop it: ${order('abort')}` : 'nothing',
  };
}

/** A step whose retries are exhausted: whoever reads this is the one who was called. */
function stuck(status: Known, step: NonNullable<Known['stuck']>) {
  const back = status.phase === 'restore' ? '' : ` (or go back: ${command('rollback', status)})`;
  return {
    waitingFor: `a person: "${step.step}" is stuck since ${step.since}: ${step.cause}`,
    doThis: `mend the cause, then: ${command('retry', status)}${back}`,
  };
}

/** Live now · waiting for · do this: the first thing on every screen, for a person at 3 a.m. */
export function firstLine(status: Known): FirstLine {
  if (status.outcome) return closedLine({ ...status, outcome: status.outcome }, command);
  const next = status.stuck ? stuck(status, status.stuck) : waiting(status);
  return { liveNow: liveNow(status), ...next };
}

/** The first line and, as Markdown for the Web UI, everything that stands behind it. */
export function describe(status: Known): FirstLine & { details: string } {
  const line = firstLine(status);
  return { ...line, details: sagaDetails(status, line) };
}
