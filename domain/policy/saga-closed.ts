import type { Outcome } from '../plan.ts';
import type { Closed, FirstLine } from './saga.ts';
import { onHosts, short } from './served.ts';

type Command = (verb: string, status: Closed) => string;

const untouched: Partial<Record<Outcome, string>> = {
  'gate-closed': 'read the closed gates, mend them, then deploy again',
  rejected: 'read why it was rejected',
  expired: 'deploy again when an approver has time',
  aborted: 'nothing',
};

/** A closed deploy waits for nothing; what is left to do depends on how it ended. */
export function closedLine(status: Closed, command: Command): FirstLine {
  const { outcome, sealed } = status;
  const shipped = sealed ? short(sealed.plan.release.sha) : 'unknown';
  const live = sealed ? onHosts(sealed.plan.live) : 'what it was: nothing was touched';
  const back = sealed?.plan.restoreTo ? short(sealed.plan.restoreTo.sha) : live;
  const waitingFor = `nothing: ${outcome}`;
  const history = command('history', status);
  if (outcome === 'succeeded')
    return { liveNow: `${shipped}, proven healthy`, waitingFor, doThis: 'nothing' };
  if (outcome === 'unproven')
    return {
      liveNow: `${shipped}, never proven healthy`,
      waitingFor,
      doThis: 'look at it; mend it by the next deploy',
    };
  if (outcome === 'rolled-back')
    return { liveNow: `${back}, restored and proven`, waitingFor, doThis: `read why: ${history}` };
  if (outcome === 'restore-failed')
    return {
      liveNow: `UNKNOWN: between ${shipped} and ${back}, the restore failed`,
      waitingFor: 'a person at the hosts',
      doThis: `look at every host now, make ${back} live by hand; what happened: ${history}`,
    };
  if (outcome === 'frozen')
    return {
      liveNow: `${shipped}, which FAILED, on whatever it had reached`,
      waitingFor: 'a person: nobody signed the way back',
      doThis: `look at every host and the database now; mend it by the next deploy; what happened: ${history}`,
    };
  return { liveNow: live, waitingFor, doThis: untouched[outcome] ?? 'nothing' };
}
