import { setTimeout as sleep } from 'node:timers/promises';
import type { Readable } from 'node:stream';
import type { Board, FaultKind } from '../../board.ts';
import { startGuarded, type Guarded } from './guard.ts';

/** One SSH session, with its input, its output, and a function that drops its connection. */
export type Session = {
  stdin: Readable;
  stdout(chunk: Buffer): void;
  stderr(chunk: Buffer): void;
  drop(): void;
};

export type CommandDeps = {
  board: Board;
  host: string;
  home: string;
  env: Record<string, string>;
  tracker: { begin(): void; end(): void };
  running: Set<Guarded>;
};

/**
 * The longest time to wait until the input ends, in milliseconds. If a client sends no script, it
 * may never close the input.
 */
const drainMs = 500;
const slowMs = 2000;

/**
 * The exit code of a command. It is null if the connection was dropped, because then no client
 * receives it.
 */
export type Exit = number | null;

/**
 * Runs one command of an SSH session with the real shell. Applies an armed fault and counts the
 * effects. Both SSH servers, sshd and ssh2, use this function.
 */
export async function runCommand(deps: CommandDeps, command: string, session: Session) {
  const fault = deps.board.take('vps', `${deps.host} ${stepOf(command)}`);
  const early = await before(fault, session);
  if (early !== undefined) return early;
  deps.tracker.begin();
  const lie = fault === 'lying-status' ? '1' : '';
  const code = await execute(deps, command, session, lie).finally(() => deps.tracker.end());
  return after(fault, code, session, deps.board);
}

/**
 * Returns the name of the step, which is the first argument of `sh -s --`. A fault matches if its
 * `match` is a part of this name. Faults for `prepare` also match the step `stage`.
 */
function stepOf(command: string): string {
  const step = / sh -s -- '?([a-z-]+)'?(?: |$)/.exec(` ${command}`)?.[1] ?? 'command';
  return step === 'stage' ? 'stage prepare' : step;
}

async function before(fault: FaultKind | undefined, session: Session): Promise<Exit | undefined> {
  if (fault === 'slow') await sleep(slowMs);
  if (fault === '500-before') {
    await drained(session);
    session.stderr(Buffer.from('sandbox: this command fails before it does anything\n'));
    return 1;
  }
  if (fault !== 'drop-before' && fault !== '429') return undefined;
  session.drop();
  return null;
}

/**
 * Waits until the client has sent its whole script. If the command ended earlier, the client would
 * report a lost connection.
 */
async function drained({ stdin }: Session) {
  const ended = new Promise((resolve) => stdin.once('end', resolve).resume());
  await Promise.race([ended, sleep(drainMs)]);
}

async function after(fault: FaultKind | undefined, code: number, session: Session, board: Board) {
  if (fault === 'hold') await board.held();
  if (fault === '500-after') {
    session.stderr(Buffer.from('sandbox: this command fails after it did everything\n'));
    return 1;
  }
  if (fault !== 'drop-after') return code;
  session.drop();
  return null;
}

async function execute(deps: CommandDeps, command: string, session: Session, lie: string) {
  const env = { ...deps.env, ...(lie ? { PLIMSOLL_SANDBOX_SESSION: 'lie' } : {}) };
  const process = startGuarded(['/bin/sh', '-c', command], { cwd: deps.home, env });
  deps.running.add(process);
  session.stdin.pipe(process.stdin);
  process.stdout.on('data', session.stdout);
  process.stderr.on('data', session.stderr);
  const { code, signal } = await process.ended;
  deps.running.delete(process);
  return code ?? (signal === 'SIGKILL' ? 137 : 143);
}
