import { noRightWords } from '../approval/project-rights.ts';
import { plimsoll } from '../deploy/wire.ts';

/** Why the door refused a call. */
export type DoorCode =
  | 'bad-http'
  | 'unknown-call'
  | 'wrong-host'
  | 'cross-origin'
  | 'wrong-type'
  | 'too-large'
  | 'bad-shape'
  | 'no-session'
  | 'bad-signature'
  | 'another-person'
  | 'no-right'
  | 'expired'
  | 'replayed'
  | 'not-now'
  | 'too-many'
  | 'busy'
  | 'away'
  | 'failed';

const again = 'Send the command again.';
const ownKey =
  "Sign with your own name and a key that the worker's plimsoll.yaml lists for it: " +
  '--as NAME --key PATH';

export const door = {
  badHttp: 'The door cannot read this as an HTTP request.',
  unknownCall: (call: string) =>
    `The door does not know the call ${JSON.stringify(call.slice(0, 40))}. The client may be newer ` +
    'than the worker.\nUse the same version of Plimsoll on both machines.',
  wrongHost: (url: string) =>
    `The door has another address.\nUse the address in web.url of plimsoll.yaml: ${url}`,
  crossOrigin:
    'The door accepts no calls from web pages.\nUse the command line: plimsoll --server URL',
  wrongType: 'The door accepts only uncompressed JSON (content-type: application/json).',
  tooLarge: (most: number) => `The call is too large: the door accepts at most ${most} bytes.`,
  badShape: (what: string) =>
    `The door cannot read this call: ${what}. The client may be newer than the worker.\n` +
    'Use the same version of Plimsoll on both machines.',
  noSession: `You have no session at this door, or it has ended.\n${again} The command then signs a new login.`,
  anotherPerson: (signer: string, name: string) =>
    `The session belongs to ${name}, but ${signer} signed. One person must do both.\n${ownKey}`,
  unknownPerson: (name: string) =>
    `"${name}" is not listed under "approvers" or "requesters".\n${ownKey}`,
  noRight: (name: string, project: string) =>
    `${noRightWords(name, project)}, so the door shows and changes nothing of it.\n` +
    `Ask a person with rights in ${project}, or add ${project} to "projects" of ${name} in the ` +
    "worker's plimsoll.yaml.",
  ownProjects: (name: string) =>
    `${noRightWords(name, null)}.\n` +
    'Name one of your projects, or ask a person without "projects" in the worker\'s plimsoll.yaml.',
  notApprover: (name: string) =>
    `${name} may not sign this, because only approvers may.\n` +
    "The worker's plimsoll.yaml lists who may: see approvers.",
  notTheirs: (name: string, why: string) =>
    `The signature is not ${name}'s: ${why}. Nothing was sent.\n${ownKey}`,
  expired: (what: string, notAfter: string) =>
    `The ${what} was valid until ${notAfter}, so it was not sent.\n` +
    `Compare the clocks of both machines with "date -u". ${again}`,
  tooLong: (what: string) =>
    `The ${what} would be valid for too long, so it was not sent.\n` +
    `Compare the clocks of both machines with "date -u". ${again}`,
  replayed: (what: string) =>
    `This ${what} was used before, and it is valid for one use only. Nothing was sent.\n${again}`,
  otherWords: (what: string) =>
    `The ${what} that arrived differs from the ${what} that was signed. Nothing was sent.\n${again}`,
  otherPlace: 'The decision is about another deploy. Nothing was sent.',
  otherPlan:
    'The plan of the deploy differs from the plan that was signed. Nothing was sent.\n' +
    'See the plan, then sign again: plimsoll status PROJECT ENVIRONMENT',
  notSealed: (why: string) =>
    `No worker sealed the plan that waits: ${why}. Nothing was sent.\n` +
    'If the workers have no new key, somebody with access to Temporal wrote this plan: ' +
    'docs/security.md#a-worker-refused-a-step',
  wrongUrl: (url: string) =>
    `The login was signed for another address. This door is ${url}.\n` +
    `Use this address: ${plimsoll} --server ${url} …`,
  closed:
    'The deploy is closed, so nothing was sent.\nSee what happened: plimsoll status PROJECT ENVIRONMENT',
  running: 'The same command runs already.\nWait for its end, or see it in the Web UI of Temporal.',
  tooMany:
    'Too many calls come from you or from your address.\nWait a minute. Then send the command again.',
  busy: 'The door is busy.\nWait a minute. Then send the command again.',
  ledgerAway: (why: string) => `The door cannot check the call now. ${why}`,
  serverAway:
    'The worker cannot reach Temporal now. Nothing was changed.\nWait a minute. Then send the command again.',
  failed: "The worker could not do this. The reason is in the worker's log.",
} as const;

/**
 * Returns one line of the worker's log about refused calls. It contains no token and no signature.
 */
export const refusedLine = (
  counts: readonly (readonly [DoorCode, number])[],
  last: { call: string; address: string; name: string | null },
) => {
  const all = counts.map(([code, count]) => `${code} ${count}`).join(', ');
  const who = last.name === null ? '' : ` as ${last.name}`;
  return `The door refused calls: ${all}. The last: ${last.call} from ${last.address}${who}.`;
};

export const doorOpen = (url: string) => `The door is open at ${url}.`;

export const doorClosed = (listen: string, why: string) =>
  `The door cannot be opened at ${listen} (${why}), so people and CI jobs cannot use it.\n` +
  'Another program may listen there already. If not, set web.listen to a free address, and start the worker again.';

export const badCertificate = (path: string, why: string) =>
  `The door cannot use its certificate: ${why}.\nCheck web.tls.cert and web.tls.key: ${path}`;

export const notAnswered = (why: string) => `The door could not answer a call: ${why}`;
