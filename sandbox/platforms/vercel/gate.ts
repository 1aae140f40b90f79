/**
 * A gate that a test can close. While the gate is closed, `through` waits. The test can then check
 * the state before the next step of a build or a job.
 */
export class Gate {
  #waiting = new Set<() => void>();
  #shut = false;

  shut() {
    this.#shut = true;
  }

  open() {
    this.#shut = false;
    for (const go of this.#waiting) go();
    this.#waiting.clear();
  }

  async through(): Promise<void> {
    while (this.#shut) await new Promise<void>((resolve) => this.#waiting.add(resolve));
  }
}
