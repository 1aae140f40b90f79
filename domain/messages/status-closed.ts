import type { Outcome } from '../deploy/plan.ts';
import { afterRollbackOf } from '../platforms/words.ts';
import type { Closed, FirstLine } from './status.ts';
import { onHosts, short } from './parts/served.ts';
import { notCheckedWords, stillFailing } from './rollback-proof.ts';

type Command = (verb: string, status: Closed) => string;

const untouched: Partial<Record<Outcome, string>> = {
  'gate-closed': 'fix the problems that the closed gates name, then deploy again',
  rejected: 'read why it was rejected',
  expired: 'deploy again when an approver has time',
  aborted: 'nothing',
};

/** Returns the first line of a closed deploy. The next step depends on the outcome. */
export function closedLine(status: Closed, command: Command): FirstLine {
  const { outcome, sealed } = status;
  const shipped = sealed ? short(sealed.plan.release.sha) : 'unknown';
  const live = sealed ? onHosts(sealed.plan.live) : 'unchanged: nothing was touched';
  const back = sealed?.plan.rollbackTarget ? short(sealed.plan.rollbackTarget.sha) : live;
  const waitingFor = `nothing: ${outcome}`;
  const history = command('history', status);
  if (outcome === 'succeeded')
    return { liveNow: `${shipped}, proven healthy`, waitingFor, doThis: 'nothing' };
  if (outcome === 'unproven')
    return {
      liveNow: `${shipped}, never proven healthy`,
      waitingFor,
      doThis: 'check the site; fix it with the next deploy',
    };
  if (outcome === 'rolled-back')
    return {
      liveNow: `${back}, rolled back and proven${notCheckedWords(status.proof)}`,
      waitingFor,
      doThis: [`read why: ${history}`, ...(sealed ? afterRollbackOf(sealed.plan.target) : [])].join(
        '; ',
      ),
    };
  if (outcome === 'rolled-back-still-failing')
    return {
      liveNow: `${back}, ${stillFailing}`,
      waitingFor: 'a person: the rollback target fails as well',
      doThis: `find out why ${back} fails now: the data, a dependency, a process; what happened: ${history}`,
    };
  if (outcome === 'rollback-failed')
    return {
      liveNow: `UNKNOWN: ${shipped} or ${back}, because the rollback failed`,
      waitingFor: 'a person at the hosts',
      doThis: `check every host now, make ${back} live by hand; what happened: ${history}`,
    };
  if (outcome === 'rollback-not-approved')
    return {
      liveNow: `${shipped}, which FAILED, on every host that it reached`,
      waitingFor: 'a person: nobody signed the rollback',
      doThis:
        'check every host and the database now; fix it with the next deploy; what ' +
        `happened: ${history}`,
    };
  return { liveNow: live, waitingFor, doThis: untouched[outcome] ?? 'nothing' };
}
