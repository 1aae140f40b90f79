import { setTimeout as delay } from 'node:timers/promises';
import type { GetServiceResult } from '@northflank/js-client';
import { Container } from './container.ts';
import type { Build, Gradual, Line, Settings, Tell } from './state.ts';

export type RolloutStatus = NonNullable<GetServiceResult['status']['deployment']>['status'];
export type RolloutDeps = {
  service: string;
  settings: Settings;
  say: (line: Line) => void;
  tell: Tell;
};
/**
 * The build to serve. If `pinned` is true, a newer build does not replace this build automatically.
 */
export type Target = { build: Build; pinned: boolean };

/**
 * A gradual rollout that has begun. Until it is `promoted`, the older containers serve the other
 * part of the traffic.
 */
export type GradualRollout = Gradual & {
  promoted: boolean;
  startedAt: number;
  stable: Container[];
  newer: Container[];
};

const sampleMs = 50;

/**
 * The rollouts of one service. Contains the build to serve, and the containers that really answer.
 */
export class Rollout {
  target: Target | null = null;
  /**
   * The target before the current target. Under the fault `lying-status`, a response shows this old
   * target.
   */
  before: Target | null = null;
  status: RolloutStatus = 'PENDING';
  changedAt = Date.now();
  containers: Container[] = [];
  gradual: GradualRollout | null = null;
  #asked = 0;
  #serving: Container[] = [];
  #superseded = new AbortController();
  #work: Promise<void> = Promise.resolve();
  #deps: RolloutDeps;

  constructor(deps: RolloutDeps) {
    this.#deps = deps;
  }

  /** Starts a rollout. If an earlier rollout still runs, cancels that rollout. */
  deploy(build: Build, pinned: boolean) {
    this.before = this.target;
    this.target = { build, pinned };
    this.#superseded.abort();
    this.#superseded = new AbortController();
    const { signal } = this.#superseded;
    this.#become('PENDING');
    this.#work = this.#work.then(() => this.#roll(build, signal)).catch(() => {});
  }

  /** Returns true if the service deploys each newer successful build automatically. */
  get follows() {
    return this.target === null || !this.target.pinned;
  }

  follow() {
    if (this.target) this.target.pinned = false;
  }

  /**
   * Returns the loopback port of the process that receives the traffic for `port` now, or null if
   * there is none.
   */
  upstream(port: number): number | null {
    this.#asked += 1;
    const { gradual } = this;
    const split = gradual && !gradual.promoted;
    const chosen = split && this.#asked % 100 < gradual.percent ? gradual.newer : gradual?.stable;
    for (const container of split ? (chosen ?? []) : this.#serving) {
      const reached = container.alive ? container.reach(port) : null;
      if (reached !== null) return reached;
    }
    return null;
  }

  /** Returns the containers that receive traffic. */
  get serving(): readonly Container[] {
    return this.#serving.filter(({ alive }) => alive);
  }

  /** Gives all traffic to the newer release of the gradual rollout. */
  async promote() {
    if (!this.gradual) return;
    this.gradual.promoted = true;
    this.#serving = this.gradual.newer;
    await this.#kill(this.#others(this.#serving));
  }

  async close() {
    this.#superseded.abort();
    await this.#work;
    await this.#kill(this.containers);
  }

  async #roll(build: Build, signal: AbortSignal) {
    const { settings } = this.#deps;
    await delay(settings.stepMs, undefined, { signal });
    this.#become('IN_PROGRESS');
    const leftover = this.#others(this.#serving).filter((one) => one.build !== build);
    await this.#kill(leftover);
    if (this.gradual && !this.gradual.promoted) this.#serving = this.gradual.stable;
    if (settings.strategy === 'recreate') await this.#recreate(build);
    const wanted = this.#wanted(build);
    const ready = await this.#ready(wanted, signal);
    if (!ready) return this.#become('FAILED');
    if (settings.gradual && this.serving.some((one) => one.build !== build)) {
      const stable = this.#serving;
      this.gradual = {
        ...settings.gradual,
        ...{ promoted: false, startedAt: Date.now(), stable, newer: wanted },
      };
      this.#serving = [...stable, ...wanted];
      return this.#become('COMPLETED');
    }
    this.gradual = null;
    this.#serving = wanted;
    this.#become('COMPLETED');
    await this.#kill(this.#others(wanted));
  }

  async #recreate(build: Build) {
    const old = this.containers.filter((one) => one.build !== build);
    this.#serving = this.#serving.filter((one) => one.build === build);
    await this.#kill(old);
  }

  /**
   * Returns the containers for a build. Keeps the containers that already run this build, and
   * starts the missing containers.
   */
  #wanted(build: Build): Container[] {
    const { settings, service, say } = this.#deps;
    const kept = this.containers.filter((one) => one.alive && one.build === build);
    const missing = Math.max(0, settings.instances - kept.length);
    const made = Array.from(
      { length: missing },
      () => new Container({ service, build, settings, say }),
    );
    this.containers.push(...made);
    return [...kept, ...made].slice(0, Math.max(kept.length, settings.instances));
  }

  async #ready(wanted: Container[], signal: AbortSignal) {
    const deadline = Date.now() + this.#deps.settings.deadlineMs;
    for (;;) {
      const ready = await Promise.all(wanted.map((one) => this.#isReady(one)));
      signal.throwIfAborted();
      if (ready.every(Boolean)) return true;
      if (Date.now() > deadline) return false;
      await delay(sampleMs, undefined, { signal });
    }
  }

  async #isReady(container: Container) {
    if (container.status !== 'TASK_RUNNING') return false;
    const { probe } = this.#deps.settings;
    if (!probe) return true;
    const port = container.reach(probe.port);
    if (port === null) return false;
    const answer = fetch(`http://127.0.0.1:${port}${probe.path}`, {
      signal: AbortSignal.timeout(1000),
    });
    return answer.then(
      ({ status }) => status >= 200 && status < 400,
      () => false,
    );
  }

  #others(kept: Container[]) {
    return this.containers.filter((one) => one.alive && !kept.includes(one));
  }

  async #kill(containers: Container[]) {
    await Promise.all(containers.map((one) => one.kill()));
  }

  #become(status: RolloutStatus) {
    this.status = status;
    this.changedAt = Date.now();
    const { tell, service } = this.#deps;
    const buildId = this.target?.build.id;
    tell({
      event: 'trigger:service:deployment:status-update',
      data: { serviceId: service, buildId, status },
    });
  }
}
