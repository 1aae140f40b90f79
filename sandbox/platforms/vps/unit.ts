import { randomBytes } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { startGuarded, type Guarded } from './guard.ts';
import type { Journal } from './journal.ts';
import { nanoNow } from './nano-now.ts';
import { readEnvironmentFile } from './unit-environment.ts';

/**
 * The settings of a systemd unit file that the stand-in supports. Durations are in milliseconds.
 */
export type UnitFile = {
  unit: string;
  /** The program and its arguments, without a shell. */
  execStart: string[];
  /** The working directory. Its symlinks are resolved at every start, as systemd does. */
  workingDirectory: string;
  environment?: Record<string, string>;
  environmentFile?: string;
  restart?: 'no' | 'on-failure' | 'always';
  restartMs?: number;
  startLimitBurst?: number;
  startLimitIntervalMs?: number;
  stopMs?: number;
  /**
   * The service has Type=notify, and says READY=1 after this time. Until then, the unit is
   * `activating (start)`, and `systemctl restart` waits. See systemd.service(5).
   */
  readyMs?: number;
};

export type UnitState = {
  ActiveState: 'inactive' | 'activating' | 'active' | 'deactivating' | 'failed';
  SubState: 'dead' | 'start' | 'auto-restart' | 'running' | 'stop-sigterm' | 'failed';
  MainPID: number;
  NRestarts: number;
  InvocationID: string;
  Result: 'success' | 'exit-code' | 'signal' | 'start-limit-hit' | 'resources';
  ExecMainStatus: number;
};

export const freshState = {
  ActiveState: 'inactive',
  SubState: 'dead',
  MainPID: 0,
  NRestarts: 0,
  InvocationID: '',
  Result: 'success',
  ExecMainStatus: 0,
} as const satisfies UnitState;

/**
 * One systemd service. It is a real process that is started again when it ends, until the start
 * limit is reached.
 */
export class Unit {
  readonly file: UnitFile;
  /** The number of starts by a command. Restarts after a crash do not count. */
  startsByHand = 0;
  /** The time of the last start, as docker writes times. */
  lastStart: string | null = null;
  #state: UnitState = { ...freshState };
  #running: Guarded | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** Resolves when the service has said READY=1, or has ended. */
  #settled: Promise<void> = Promise.resolve();
  #startedAt: number[] = [];
  #base: Record<string, string>;
  #journal: Journal;

  constructor(file: UnitFile, base: Record<string, string>, journal: Journal) {
    this.file = file;
    this.#base = base;
    this.#journal = journal;
  }

  get state(): Readonly<UnitState> {
    return this.#state;
  }

  async restart(): Promise<boolean> {
    await this.stop();
    this.#state.NRestarts = 0;
    if (!this.#start()) return false;
    this.startsByHand += 1;
    await this.#settled;
    return this.file.readyMs === undefined || this.#state.ActiveState === 'active';
  }

  async stop() {
    const process = this.#forget();
    if (process) {
      this.#become({ ActiveState: 'deactivating', SubState: 'stop-sigterm' });
      process.terminate();
      const hard = setTimeout(process.kill, this.file.stopMs ?? 2000);
      await process.ended;
      clearTimeout(hard);
    }
    this.#become({ ActiveState: 'inactive', SubState: 'dead', MainPID: 0 });
  }

  resetFailed() {
    this.#startedAt = [];
    if (this.#state.ActiveState !== 'failed') return;
    this.#become({ ActiveState: 'inactive', SubState: 'dead', Result: 'success', NRestarts: 0 });
  }

  /** Ends the process and all its children at once. */
  async destroy() {
    const process = this.#forget();
    process?.kill();
    await process?.ended;
  }

  #forget(): Guarded | undefined {
    clearTimeout(this.#timer);
    const process = this.#running;
    this.#running = undefined;
    return process;
  }

  #start(): boolean {
    if (!this.#allowed()) return false;
    this.#startedAt.push(Date.now());
    const InvocationID = randomBytes(16).toString('hex');
    this.#become({ InvocationID, Result: 'success', ExecMainStatus: 0 });
    this.lastStart = nanoNow();
    const process = this.#launch();
    if (!process) return this.#state.ActiveState !== 'failed';
    this.#running = process;
    this.#become({ ActiveState: 'activating', SubState: 'start', MainPID: process.pid });
    this.#settled = this.#ready(process);
    for (const input of [process.stdout, process.stderr]) {
      createInterface({ input }).on('line', (line) =>
        this.#journal.output(this.file.unit, process.pid, line),
      );
    }
    void this.#watch(process);
    return true;
  }

  async #ready(process: Guarded) {
    const { readyMs } = this.file;
    if (readyMs !== undefined) await Promise.race([sleep(readyMs), process.ended]);
    if (this.#running !== process) return;
    this.#become({ ActiveState: 'active', SubState: 'running' });
    this.#say(6, `Started ${this.file.unit}.`);
  }

  #launch(): Guarded | undefined {
    try {
      const env = {
        ...this.#base,
        ...this.file.environment,
        ...readEnvironmentFile(this.file.environmentFile),
        INVOCATION_ID: this.#state.InvocationID,
      };
      const cwd = existing(this.file.workingDirectory);
      if (cwd !== undefined) return startGuarded(this.file.execStart, { cwd, env });
      this.#say(3, `${this.file.unit}: Changing to the requested working directory failed`);
      this.#failed('exit-code', 200);
    } catch {
      this.#say(3, `${this.file.unit}: Failed to load environment files`);
      this.#failed('resources', 0);
    }
    return undefined;
  }

  async #watch(process: Guarded) {
    const { code, signal } = await process.ended;
    if (this.#running !== process) return;
    this.#running = undefined;
    const how = signal ? `killed, status=${signal}` : `exited, status=${code}`;
    this.#say(code === 0 ? 6 : 5, `${this.file.unit}: Main process exited, code=${how}`);
    this.#failed(signal ? 'signal' : code === 0 ? 'success' : 'exit-code', code ?? 9);
  }

  #failed(Result: UnitState['Result'], ExecMainStatus: number) {
    this.#become({ MainPID: 0, Result, ExecMainStatus });
    const clean = Result === 'success';
    if (!clean) this.#say(4, `${this.file.unit}: Failed with result '${Result}'.`);
    const policy = this.file.restart ?? 'always';
    if (policy === 'always' ? Result !== 'resources' : policy === 'on-failure' && !clean) {
      this.#become({ ActiveState: 'activating', SubState: 'auto-restart' });
      this.#timer = setTimeout(() => this.#again(), this.file.restartMs ?? 100);
    } else if (clean) this.#become({ ActiveState: 'inactive', SubState: 'dead' });
    else this.#become({ ActiveState: 'failed', SubState: 'failed' });
  }

  #again() {
    this.#state.NRestarts += 1;
    const count = `restart counter is at ${this.#state.NRestarts}.`;
    this.#say(6, `${this.file.unit}: Scheduled restart job, ${count}`);
    this.#start();
  }

  #allowed(): boolean {
    const since = Date.now() - (this.file.startLimitIntervalMs ?? 10_000);
    this.#startedAt = this.#startedAt.filter((at) => at > since);
    if (this.#startedAt.length < (this.file.startLimitBurst ?? 5)) return true;
    this.#say(4, `${this.file.unit}: Start request repeated too quickly.`);
    const Result = this.#state.Result === 'success' ? 'start-limit-hit' : this.#state.Result;
    this.#become({ ActiveState: 'failed', SubState: 'failed', MainPID: 0, Result });
    return false;
  }

  #become(change: Partial<UnitState>) {
    Object.assign(this.#state, change);
  }

  #say(priority: number, text: string) {
    this.#journal.manager(this.file.unit, priority, text);
  }
}

function existing(directory: string): string | undefined {
  try {
    return realpathSync(directory);
  } catch {
    return undefined;
  }
}
