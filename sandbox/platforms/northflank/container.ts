import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../../../worker/engine/free-port.ts';
import { startGuarded } from '../vps/guard.ts';
import type { Guarded } from '../vps/guard.ts';
import type { Build, ContainerStatus, Line, Settings } from './state.ts';

export type ContainerDeps = {
  service: string;
  build: Build;
  settings: Settings;
  say: (line: Line) => void;
};

const graceMs = 2000;
const defaultPort = 18789;

/**
 * Reads the start line of the release from its Procfile, such as `web: PORT=8000 node server.mjs`.
 */
const procfile = (image: string) => {
  try {
    const text = readFileSync(join(image, 'Procfile'), 'utf8');
    return /^web: (?:PORT=(\d+) )?(.+)$/m.exec(text);
  } catch {
    return null;
  }
};

/**
 * One container. It is a real process in the directory of its build. The process is started again
 * when it ends.
 */
export class Container {
  readonly name: string;
  readonly build: Build;
  status: ContainerStatus = 'TASK_STAGING';
  readonly createdAt = Date.now();
  updatedAt = Date.now();
  #settings: Settings;
  #say: ContainerDeps['say'];
  #process: Guarded | undefined;
  #stop = new AbortController();
  /**
   * `inside` is the port that the release uses in its container. `outside` is the real port on this
   * machine.
   */
  #listens = { inside: defaultPort, outside: 0 };
  #life: Promise<void>;

  constructor({ service, build, settings, say }: ContainerDeps) {
    const [set, pod] = [build.id.split('-').at(-1), randomBytes(3).toString('hex')];
    this.name = `${service}-${set}-${pod}`;
    this.build = build;
    this.#settings = settings;
    this.#say = say;
    this.#life = this.#live().catch(() => {});
  }

  get alive() {
    return !this.#stop.signal.aborted;
  }

  get pid() {
    return this.#process?.pid ?? null;
  }

  /**
   * Returns the real port of the process that listens on `port` inside the container. Returns null
   * if no process listens on `port`.
   */
  reach(port: number): number | null {
    return this.#process && this.#listens.inside === port ? this.#listens.outside : null;
  }

  async kill() {
    if (!this.alive) return this.#life;
    this.#become('TASK_KILLING');
    this.#stop.abort();
    this.#process?.terminate();
    const hard = setTimeout(() => this.#process?.kill(), graceMs);
    await this.#life;
    clearTimeout(hard);
    this.#become('TASK_KILLED');
  }

  async #live() {
    const { signal } = this.#stop;
    await delay(this.#settings.stepMs, undefined, { signal });
    for (let pauseMs = 200; this.alive; pauseMs = Math.min(pauseMs * 2, 5000)) {
      this.#become('TASK_STARTING');
      await this.#run();
      if (!this.alive) return;
      this.#become('TASK_FAILED');
      await delay(pauseMs, undefined, { signal });
    }
  }

  async #run() {
    const { image } = this.build;
    const start = procfile(image ?? '');
    const { environment } = this.#settings;
    const inside = Number(start?.[1] ?? environment.PORT ?? defaultPort);
    const outside = await freePort();
    if (!this.alive || image === null) return;
    this.#listens = { inside, outside };
    const env = { PATH: process.env.PATH ?? '', HOME: '/nonexistent', ...environment };
    const [program = 'node', ...args] = (start?.[2] ?? 'node server.mjs').split(' ');
    const argv = [program === 'node' ? process.execPath : program, ...args];
    const running = startGuarded(argv, { cwd: image, env: { ...env, PORT: String(outside) } });
    this.#process = running;
    this.#become('TASK_RUNNING');
    for (const input of [running.stdout, running.stderr])
      createInterface({ input }).on('line', (log) => this.#write(log));
    await running.ended;
    this.#process = undefined;
  }

  /**
   * Writes a log line. The process prints `outside`, the port on this machine. A real container
   * would print `inside`, so every `outside` in the line is replaced with `inside`.
   */
  #write(said: string) {
    const { inside, outside } = this.#listens;
    const log = said.replaceAll(new RegExp(`\\b${outside}\\b`, 'g'), String(inside));
    this.#say({ containerId: this.name, log, ts: new Date().toISOString() });
  }

  #become(status: ContainerStatus) {
    this.status = status;
    this.updatedAt = Date.now();
  }
}
