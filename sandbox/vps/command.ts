import { setTimeout as sleep } from 'node:timers/promises';
import type { Readable } from 'node:stream';
import type { Board, FaultKind } from '../board.ts';
import { startGuarded, type Guarded } from './guard.ts';

/** What a session gives to a command: its input, its output, and a way to lose the connection. */
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

const slowMs = 2000;

/** `null`: the connection was dropped, there is nobody to answer. */
export type Exit = number | null;

/**
 * Every command of every session, over whichever server, runs here: faults, effects, the real
 * shell.
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

/** The step word is the first argument of `sh -s --`; a stage also prepares. */
export function stepOf(command: string): string {
  const step = / sh -s -- '?([a-z-]+)'?(?: |$)/.exec(` ${command}`)?.[1] ?? 'command';
  return step === 'stage' ? 'stage prepare' : step;
}

async function before(fault: FaultKind | undefined, session: Session): Promise<Exit | undefined> {
  if (fault === 'slow') await sleep(slowMs);
  if (fault === '500-before') {
    session.stderr(Buffer.from('sandbox: this command fails before it does anything\n'));
    return 1;
  }
  if (fault !== 'drop-before' && fault !== '429') return undefined;
  session.drop();
  return null;
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
