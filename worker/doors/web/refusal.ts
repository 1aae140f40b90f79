import type { DoorCode } from '../../../domain/messages/door.ts';

const statuses: Record<DoorCode, number> = {
  'bad-http': 400,
  'unknown-call': 404,
  'wrong-host': 421,
  'cross-origin': 403,
  'wrong-type': 415,
  'too-large': 413,
  'bad-shape': 400,
  'no-session': 401,
  'bad-signature': 403,
  'another-person': 403,
  'no-right': 403,
  expired: 403,
  replayed: 409,
  'not-now': 409,
  'too-many': 429,
  busy: 503,
  away: 503,
  failed: 500,
};

/** The exit codes of the command line for refused calls: 2 usage, 4 not allowed, 1 failed. */
const usage: readonly DoorCode[] = ['unknown-call', 'wrong-host', 'bad-shape', 'wrong-type'];
const failed: readonly DoorCode[] = ['too-many', 'busy', 'away', 'failed', 'bad-http'];

/**
 * A call that the door refuses. `message` tells the person the problem, its cause and the next
 * step.
 */
export class Refusal extends Error {
  override name = 'Refusal';
  readonly code: DoorCode;
  readonly status: number;
  readonly exitCode: number;

  constructor(code: DoorCode, message: string, exitCode = exitCodeOf(code)) {
    super(message);
    this.code = code;
    this.status = statuses[code];
    this.exitCode = exitCode;
  }
}

const exitCodeOf = (code: DoorCode) => (usage.includes(code) ? 2 : failed.includes(code) ? 1 : 4);
